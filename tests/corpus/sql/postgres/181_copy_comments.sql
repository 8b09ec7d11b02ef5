COPY /* a */ t -- FROM '/x'
 FROM /* b */ stdin /* c */ ; -- d ; e
1
\.
SELECT 2;