class V3__J {}
