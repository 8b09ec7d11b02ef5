\frobnicate x
