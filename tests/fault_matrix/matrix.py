"""The fault matrix: the result of each request with each fault, for one attempt and for all attempts.

A cell is ``requests -> outcome, state at Sinch``. ``POST -`` is a request without a response. ``x4`` means four
in a row. `outcomes.OUTCOMES` has the outcomes. ``?`` marks an ambiguous error. The state at Sinch is ``none``, or
one webhook with its ``old`` or ``new`` fields. ``=`` means the same as the cell to its left.

People have reviewed each line: the matrix is a promise. `docs/reliability.md` is generated from it.
"""

CELLS = {
    "token": """
no connection            | token 200, list 200, POST 201 -> done, new            | none -> unreachable, none
reset before             | token -, token 200, list 200, POST 201 -> done, new   | token - x4 -> broken, none
reset after commit       | token -, token 200, list 200, POST 201 -> done, new   | token - x4 -> broken, none
timeout before           | token -, token 200, list 200, POST 201 -> done, new   | token - x2 -> too late, none
timeout after commit     | token -, token 200, list 200, POST 201 -> done, new   | token - x2 -> too late, none
408                      | token 408, token 200, list 200, POST 201 -> done, new | token 408 x4 -> HTTP 408, none
429, Retry-After 3 s     | token 429, token 200, list 200, POST 201 -> done, new | token 429 x10 -> HTTP 429, none
429, Retry-After a date  | token 429, token 200, list 200, POST 201 -> done, new | token 429 x3 -> HTTP 429, none
429, no Retry-After      | token 429, token 200, list 200, POST 201 -> done, new | token 429 x10 -> HTTP 429, none
429, Retry-After absurd  | token 429, token 200, list 200, POST 201 -> done, new | token 429 x3 -> HTTP 429, none
499 before               | token 499 -> gateway, none                            | =
500 before               | token 500, token 200, list 200, POST 201 -> done, new | token 500 x4 -> HTTP 500, none
502 before               | token 502, token 200, list 200, POST 201 -> done, new | token 502 x4 -> HTTP 502, none
503 before               | token 503, token 200, list 200, POST 201 -> done, new | token 503 x4 -> HTTP 503, none
504 before               | token 504, token 200, list 200, POST 201 -> done, new | token 504 x4 -> HTTP 504, none
520 before               | token 520, token 200, list 200, POST 201 -> done, new | token 520 x4 -> HTTP 520, none
303 after commit         | token 303 -> gateway, none                            | =
499 after commit         | token 499 -> gateway, none                            | =
500 after commit         | token 500, token 200, list 200, POST 201 -> done, new | token 500 x4 -> HTTP 500, none
502 after commit         | token 502, token 200, list 200, POST 201 -> done, new | token 502 x4 -> HTTP 502, none
503 after commit         | token 503, token 200, list 200, POST 201 -> done, new | token 503 x4 -> HTTP 503, none
504 after commit         | token 504, token 200, list 200, POST 201 -> done, new | token 504 x4 -> HTTP 504, none
520 after commit         | token 520, token 200, list 200, POST 201 -> done, new | token 520 x4 -> HTTP 520, none
broken body              | token 200 x2, list 200, POST 201 -> done, new         | token 200 x4 -> broken, none
truncated JSON           | token 200 x2, list 200, POST 201 -> done, new         | token 200 x4 -> no token, none
HTML 200                 | token 200 x2, list 200, POST 201 -> done, new         | token 200 x4 -> no token, none
HTML 404                 | token 404 -> gateway, none                            | =
empty 2xx                | token 200 x2, list 200, POST 201 -> done, new         | token 200 x4 -> no token, none
401                      | token 401 -> key refused, none                        | =
403                      | token 403 -> key refused, none                        | =
""",
    "list": """
no connection            | list 200, POST 201 -> done, new                      | none -> unreachable, none
reset before             | list -, list 200, POST 201 -> done, new              | list - x4 -> broken, none
reset after commit       | list -, list 200, POST 201 -> done, new              | list - x4 -> broken, none
timeout before           | list -, list 200, POST 201 -> done, new              | list - x2 -> too late, none
timeout after commit     | list -, list 200, POST 201 -> done, new              | list - x2 -> too late, none
408                      | list 408, list 200, POST 201 -> done, new            | list 408 x4 -> HTTP 408, none
429, Retry-After 3 s     | list 429, list 200, POST 201 -> done, new            | list 429 x10 -> HTTP 429, none
429, Retry-After a date  | list 429, list 200, POST 201 -> done, new            | list 429 x3 -> HTTP 429, none
429, no Retry-After      | list 429, list 200, POST 201 -> done, new            | list 429 x10 -> HTTP 429, none
429, Retry-After absurd  | list 429, list 200, POST 201 -> done, new            | list 429 x3 -> HTTP 429, none
499 before               | list 499 -> unreadable, none                         | =
500 before               | list 500, list 200, POST 201 -> done, new            | list 500 x4 -> HTTP 500, none
502 before               | list 502, list 200, POST 201 -> done, new            | list 502 x4 -> HTTP 502, none
503 before               | list 503, list 200, POST 201 -> done, new            | list 503 x4 -> HTTP 503, none
504 before               | list 504, list 200, POST 201 -> done, new            | list 504 x4 -> HTTP 504, none
520 before               | list 520, list 200, POST 201 -> done, new            | list 520 x4 -> HTTP 520, none
303 after commit         | list 303 -> unreadable, none                         | =
499 after commit         | list 499 -> unreadable, none                         | =
500 after commit         | list 500, list 200, POST 201 -> done, new            | list 500 x4 -> HTTP 500, none
502 after commit         | list 502, list 200, POST 201 -> done, new            | list 502 x4 -> HTTP 502, none
503 after commit         | list 503, list 200, POST 201 -> done, new            | list 503 x4 -> HTTP 503, none
504 after commit         | list 504, list 200, POST 201 -> done, new            | list 504 x4 -> HTTP 504, none
520 after commit         | list 520, list 200, POST 201 -> done, new            | list 520 x4 -> HTTP 520, none
broken body              | list 200 x2, POST 201 -> done, new                   | list 200 x4 -> broken, none
truncated JSON           | list 200 x2, POST 201 -> done, new                   | list 200 x4 -> unreadable, none
HTML 200                 | list 200 x2, POST 201 -> done, new                   | list 200 x4 -> unreadable, none
HTML 404                 | list 404 -> unreadable, none                         | =
empty 2xx                | list 200 x2, POST 201 -> done, new                   | list 200 x4 -> unreadable, none
token expired            | list 401, token 200, list 200, POST 201 -> done, new | list 401, token 200, list 401 -> expired, none
401                      | list 401 -> project refused, none                    | =
403                      | list 403 -> forbidden, none                          | =
page loop                | list 200 x2, POST 201 -> done, new                   | =
""",
    "create": """
no connection            | POST 201 -> done, new                      | none -> unreachable, none
reset before             | POST -, list 200, POST 201 -> done, new    | (POST -, list 200) x4 -> broken?, none
reset after commit       | POST -, list 200, PUT 200 -> done, new     | =
timeout before           | POST -, list 200, POST 201 -> done, new    | (POST -, list 200) x2 -> too late?, none
timeout after commit     | POST -, list 200, PUT 200 -> done, new     | =
408                      | POST 408, list 200, POST 201 -> done, new  | (POST 408, list 200) x4 -> HTTP 408?, none
429, Retry-After 3 s     | POST 429, POST 201 -> done, new            | POST 429 x10 -> HTTP 429, none
429, Retry-After a date  | POST 429, POST 201 -> done, new            | POST 429 x3 -> HTTP 429, none
429, no Retry-After      | POST 429, POST 201 -> done, new            | POST 429 x10 -> HTTP 429, none
429, Retry-After absurd  | POST 429, POST 201 -> done, new            | POST 429 x3 -> HTTP 429, none
499 before               | POST 499, list 200 -> unreadable?, none    | =
500 before               | POST 500, list 200, POST 201 -> done, new  | (POST 500, list 200) x4 -> HTTP 500?, none
502 before               | POST 502, list 200, POST 201 -> done, new  | (POST 502, list 200) x4 -> HTTP 502?, none
503 before               | POST 503, list 200, POST 201 -> done, new  | (POST 503, list 200) x4 -> HTTP 503?, none
504 before               | POST 504, list 200, POST 201 -> done, new  | (POST 504, list 200) x4 -> HTTP 504?, none
520 before               | POST 520, list 200, POST 201 -> done, new  | (POST 520, list 200) x4 -> HTTP 520?, none
303 after commit         | POST 303, list 200, PUT 200 -> done, new   | =
499 after commit         | POST 499, list 200, PUT 200 -> done, new   | =
500 after commit         | POST 500, list 200, PUT 200 -> done, new   | =
502 after commit         | POST 502, list 200, PUT 200 -> done, new   | =
503 after commit         | POST 503, list 200, PUT 200 -> done, new   | =
504 after commit         | POST 504, list 200, PUT 200 -> done, new   | =
520 after commit         | POST 520, list 200, PUT 200 -> done, new   | =
broken body              | POST 201, list 200, PUT 200 -> done, new   | =
truncated JSON           | POST 201, list 200, PUT 200 -> done, new   | =
HTML 200                 | POST 200, list 200, POST 201 -> done, new  | (POST 200, list 200) x4 -> unreadable?, none
HTML 404                 | POST 404, list 200 -> unreadable?, none    | =
empty 2xx                | POST 201, list 200, PUT 200 -> done, new   | =
token expired            | POST 401, token 200, POST 201 -> done, new | POST 401, token 200, POST 401 -> expired, none
401                      | POST 401 -> project refused, none          | =
403                      | POST 403, list 200 -> forbidden?, none     | =
""",
    "read": """
no connection            | GET 200 -> done, old                     | none -> unreachable, old
reset before             | GET -, GET 200 -> done, old              | GET - x4 -> broken, old
reset after commit       | GET -, GET 200 -> done, old              | GET - x4 -> broken, old
timeout before           | GET -, GET 200 -> done, old              | GET - x2 -> too late, old
timeout after commit     | GET -, GET 200 -> done, old              | GET - x2 -> too late, old
408                      | GET 408, GET 200 -> done, old            | GET 408 x4 -> HTTP 408, old
429, Retry-After 3 s     | GET 429, GET 200 -> done, old            | GET 429 x10 -> HTTP 429, old
429, Retry-After a date  | GET 429, GET 200 -> done, old            | GET 429 x3 -> HTTP 429, old
429, no Retry-After      | GET 429, GET 200 -> done, old            | GET 429 x10 -> HTTP 429, old
429, Retry-After absurd  | GET 429, GET 200 -> done, old            | GET 429 x3 -> HTTP 429, old
499 before               | GET 499 -> unreadable, old               | =
500 before               | GET 500, GET 200 -> done, old            | GET 500 x4 -> HTTP 500, old
502 before               | GET 502, GET 200 -> done, old            | GET 502 x4 -> HTTP 502, old
503 before               | GET 503, GET 200 -> done, old            | GET 503 x4 -> HTTP 503, old
504 before               | GET 504, GET 200 -> done, old            | GET 504 x4 -> HTTP 504, old
520 before               | GET 520, GET 200 -> done, old            | GET 520 x4 -> HTTP 520, old
303 after commit         | GET 303 -> unreadable, old               | =
499 after commit         | GET 499 -> unreadable, old               | =
500 after commit         | GET 500, GET 200 -> done, old            | GET 500 x4 -> HTTP 500, old
502 after commit         | GET 502, GET 200 -> done, old            | GET 502 x4 -> HTTP 502, old
503 after commit         | GET 503, GET 200 -> done, old            | GET 503 x4 -> HTTP 503, old
504 after commit         | GET 504, GET 200 -> done, old            | GET 504 x4 -> HTTP 504, old
520 after commit         | GET 520, GET 200 -> done, old            | GET 520 x4 -> HTTP 520, old
broken body              | GET 200 x2 -> done, old                  | GET 200 x4 -> broken, old
truncated JSON           | GET 200 x2 -> done, old                  | GET 200 x4 -> unreadable, old
HTML 200                 | GET 200 x2 -> done, old                  | GET 200 x4 -> unreadable, old
HTML 404                 | GET 404 -> unreadable, old               | =
empty 2xx                | GET 200 x2 -> done, old                  | GET 200 x4 -> unreadable, old
token expired            | GET 401, token 200, GET 200 -> done, old | GET 401, token 200, GET 401 -> expired, old
401                      | GET 401 -> project refused, old          | =
403                      | GET 403 -> forbidden, old                | =
""",
    "update": """
no connection            | PATCH 200 -> done, new                       | none -> unreachable, old
reset before             | PATCH -, PATCH 200 -> done, new              | PATCH - x4 -> broken?, old
reset after commit       | PATCH -, PATCH 200 -> done, new              | PATCH - x4 -> broken?, new
timeout before           | PATCH -, PATCH 200 -> done, new              | PATCH - x2 -> too late?, old
timeout after commit     | PATCH -, PATCH 200 -> done, new              | PATCH - x2 -> too late?, new
408                      | PATCH 408, PATCH 200 -> done, new            | PATCH 408 x4 -> HTTP 408?, old
429, Retry-After 3 s     | PATCH 429, PATCH 200 -> done, new            | PATCH 429 x10 -> HTTP 429, old
429, Retry-After a date  | PATCH 429, PATCH 200 -> done, new            | PATCH 429 x3 -> HTTP 429, old
429, no Retry-After      | PATCH 429, PATCH 200 -> done, new            | PATCH 429 x10 -> HTTP 429, old
429, Retry-After absurd  | PATCH 429, PATCH 200 -> done, new            | PATCH 429 x3 -> HTTP 429, old
499 before               | PATCH 499 -> unreadable?, old                | =
500 before               | PATCH 500, PATCH 200 -> done, new            | PATCH 500 x4 -> HTTP 500?, old
502 before               | PATCH 502, PATCH 200 -> done, new            | PATCH 502 x4 -> HTTP 502?, old
503 before               | PATCH 503, PATCH 200 -> done, new            | PATCH 503 x4 -> HTTP 503?, old
504 before               | PATCH 504, PATCH 200 -> done, new            | PATCH 504 x4 -> HTTP 504?, old
520 before               | PATCH 520, PATCH 200 -> done, new            | PATCH 520 x4 -> HTTP 520?, old
303 after commit         | PATCH 303 -> unreadable?, new                | =
499 after commit         | PATCH 499 -> unreadable?, new                | =
500 after commit         | PATCH 500, PATCH 200 -> done, new            | PATCH 500 x4 -> HTTP 500?, new
502 after commit         | PATCH 502, PATCH 200 -> done, new            | PATCH 502 x4 -> HTTP 502?, new
503 after commit         | PATCH 503, PATCH 200 -> done, new            | PATCH 503 x4 -> HTTP 503?, new
504 after commit         | PATCH 504, PATCH 200 -> done, new            | PATCH 504 x4 -> HTTP 504?, new
520 after commit         | PATCH 520, PATCH 200 -> done, new            | PATCH 520 x4 -> HTTP 520?, new
broken body              | PATCH 200 x2 -> done, new                    | PATCH 200 x4 -> broken?, new
truncated JSON           | PATCH 200 x2 -> done, new                    | PATCH 200 x4 -> unreadable?, new
HTML 200                 | PATCH 200 x2 -> done, new                    | PATCH 200 x4 -> unreadable?, old
HTML 404                 | PATCH 404 -> unreadable?, old                | =
empty 2xx                | PATCH 200 x2 -> done, new                    | PATCH 200 x4 -> unreadable?, new
token expired            | PATCH 401, token 200, PATCH 200 -> done, new | PATCH 401, token 200, PATCH 401 -> expired, old
401                      | PATCH 401 -> project refused, old            | =
403                      | PATCH 403 -> forbidden?, old                 | =
""",
    "delete": """
no connection            | DELETE 204 -> done, none                        | none -> unreachable, old
reset before             | DELETE -, DELETE 204 -> done, none              | DELETE - x4 -> broken?, old
reset after commit       | DELETE -, DELETE 404 -> done, none              | DELETE - x4 -> broken?, none
timeout before           | DELETE -, DELETE 204 -> done, none              | DELETE - x2 -> too late?, old
timeout after commit     | DELETE -, DELETE 404 -> done, none              | DELETE - x2 -> too late?, none
408                      | DELETE 408, DELETE 204 -> done, none            | DELETE 408 x4 -> HTTP 408?, old
429, Retry-After 3 s     | DELETE 429, DELETE 204 -> done, none            | DELETE 429 x10 -> HTTP 429, old
429, Retry-After a date  | DELETE 429, DELETE 204 -> done, none            | DELETE 429 x3 -> HTTP 429, old
429, no Retry-After      | DELETE 429, DELETE 204 -> done, none            | DELETE 429 x10 -> HTTP 429, old
429, Retry-After absurd  | DELETE 429, DELETE 204 -> done, none            | DELETE 429 x3 -> HTTP 429, old
499 before               | DELETE 499 -> unreadable?, old                  | =
500 before               | DELETE 500, DELETE 204 -> done, none            | DELETE 500 x4 -> HTTP 500?, old
502 before               | DELETE 502, DELETE 204 -> done, none            | DELETE 502 x4 -> HTTP 502?, old
503 before               | DELETE 503, DELETE 204 -> done, none            | DELETE 503 x4 -> HTTP 503?, old
504 before               | DELETE 504, DELETE 204 -> done, none            | DELETE 504 x4 -> HTTP 504?, old
520 before               | DELETE 520, DELETE 204 -> done, none            | DELETE 520 x4 -> HTTP 520?, old
303 after commit         | DELETE 303 -> unreadable?, none                 | =
499 after commit         | DELETE 499 -> unreadable?, none                 | =
500 after commit         | DELETE 500, DELETE 404 -> done, none            | DELETE 500 x4 -> HTTP 500?, none
502 after commit         | DELETE 502, DELETE 404 -> done, none            | DELETE 502 x4 -> HTTP 502?, none
503 after commit         | DELETE 503, DELETE 404 -> done, none            | DELETE 503 x4 -> HTTP 503?, none
504 after commit         | DELETE 504, DELETE 404 -> done, none            | DELETE 504 x4 -> HTTP 504?, none
520 after commit         | DELETE 520, DELETE 404 -> done, none            | DELETE 520 x4 -> HTTP 520?, none
HTML 200                 | DELETE 200, DELETE 204 -> done, none            | DELETE 200 x4 -> unreadable?, old
HTML 404                 | DELETE 404 -> unreadable?, old                  | =
empty 2xx                | DELETE 204 -> done, none                        | =
token expired            | DELETE 401, token 200, DELETE 204 -> done, none | DELETE 401, token 200, DELETE 401 -> expired and locked, old
401                      | DELETE 401 -> locked, old                       | =
403                      | DELETE 403 -> forbidden?, old                   | =
""",
}
