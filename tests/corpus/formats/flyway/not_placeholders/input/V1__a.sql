-- ${in_a_comment}
SELECT '$ {x}', '${}', '${with blank}', '$${', $1;
