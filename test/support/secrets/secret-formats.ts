/**
 * Secrets as loggers, dumps and people write them behind their names: one format a line, by kind.
 *
 * `§` is the secret; `␛ ␊ ␉ ␀` are escape, line feed, tab and NUL. The names are those in `secret_names`.
 */
export const secret = "S3CR3TPW";
export const secret_names = [
  "password",
  "Authorization",
  "cookie",
  "token",
  "pin",
  "x-api-key",
  "db_secret",
];

const written: Readonly<Record<string, string>> = {
  "escapes of nginx and C": String.raw`
{\x22password\x22: \x22§\x22, \x22user\x22: 1}
{\x22token\x22:\x22§\x22}
`,
  colours: String.raw`
␛[36mpassword␛[0m=§ ␛[36muser␛[0m=ann
␛[36mpassword=␛[0m§ ␛[36muser=␛[0mann
\u001b[36mpassword\u001b[0m=§
\x1b[36mpassword\x1b[0m=§
\033[36mpassword\033[0m=§
\e[36mpassword\e[0m=§
^[[36mpassword^[[0m=§
␛[01;31m␛[Kpass␛[m␛[Kword=§
␛(Bpassword␛[m: §
    ␛[35mpassword␛[39m: "§"
␛[34;1m"password"␛[0m␛[1;39m:␛[0;32m"§"␛[0m␛[1;39m,
`,
  "lists and tuples": String.raw`
(b'authorization', b'Token §')
[(b'host', b'x'), (b'authorization', b'Token §'), (b'accept', b'*/*')]
[Authorization, Token §]
{<<"authorization">>,<<"Token §">>}
[{<<"host">>,<<"x">>},{<<"password">>,<<"§">>}]
[{password,"§"},{user,"bob"}]
`,
  entities: String.raw`
&#39;password&#39;: &#39;§&#39;
&#x27;password&#x27;: &#x27;§&#x27;
&amp;quot;password&amp;quot;: &amp;quot;§&amp;quot;
`,
  elements: String.raw`
<key>password</key><string>§</string>
<key>password</key>␊␉<string>§</string>
<password>§</password><user>bob</user>
<password type="x" lang="y">§ more §</password>
<wsse:Password Type="http://x#PasswordText">§</wsse:Password>
<password><![CDATA[§]]></password>
<password><a>x</a><b>§</b></password>
<password>␊§␊</password>
<input name="password" value="§">
<param name="password">§</param>
`,
  "fields with blanks and pairs in them": String.raw`
authorization=Token token=§
authorization=Token foo=§
authorization=OAuth realm="x", oauth_token="§"
authorization: OAuth realm="x", oauth_token="§"
cookie=a=b; session=§
Cookie: a=b; session=§; c=d
Set-Cookie: session=§; Path=/
set-cookie="a=b"; session="§"
"set-cookie", "session=§"
["set-cookie", "session=§"]
`,
  "quotes behind backslashes": String.raw`
\042password\042: \042§\042
\"password\": \"§\"
\\\"password\\\": \\\"§\\\"
`,
  separators: String.raw`
user,password,§
"user","password","§"
password,§
"password","§"
"password";"§"
password;§
password␉§
password -> §
password->§
password => §
password := §
password:=§
password|§
| password | § |
password / §
password (§)
password(§)
password[§]
password{§}
password<§>
`,
  "options of commands": String.raw`
password §
password '§ T'
--password § --verbose
--password "a §" --verbose
--password=§
-password §
/password:§
`,
  Unicode: String.raw`
password → §
“password”: “§”
‘password’: ‘§’
«password» : «§»
paſſword=§
PAſſWORD: §
paßword=§
authorızatıon: §
AUTHORİZATİON: §
ｐａｓｓｗｏｒｄ＝§
password：§
toKen=§
𝐩𝐚𝐬𝐬𝐰𝐨𝐫𝐝: §
pass​word: §
`,
  "percent-encoding and escapes": String.raw`
password%3D§
password%22%3A%22§%22
%7B%22password%22%3A%22§%22%7D
password%253D§
%u0070assword=§
p&#97;ssword=§
password&equals;§
password\u003d§
password\075§
password\x3d§
pass\u0077ord=§
pass\x77ord=§
pass\167ord=§
pass%77ord=§
\u{70}assword=§
`,
  "dumps of programs": String.raw`
{'password': '§', 'user': 'x'}
{'password': b'§'}
{u'password': u'§'}
{:password=>"§", :user=>"x"}
{"password"=>"§", "user"=>"x"}
{password: "§", user: "x"}
{Password:§ User:x}
map[password:§ user:x]
&{Password:§}
User{name=bob, password=§, age=5}
User(name=bob, password=§)
#<User password: "§">
%{"password" => "§"}
`,
  YAML: String.raw`
password: >␊  §␊  §␊user: x
password: |␊  §
password:␊  §
password: >-␊  §␊␊  §
`,
  "properties and logfmt": String.raw`
password = §
password	=	§
password="§" user=bob
password='§' user=bob
password="a \"§\" b" user=bob
password=a § b user=bob
`,
  "SQL and commands": String.raw`
CREATE USER x IDENTIFIED BY '§'
ALTER USER x IDENTIFIED WITH caching_sha2_password BY '§'
IDENTIFIED BY §
SET PASSWORD FOR 'u'@'h' = '§'
SET PASSWORD FOR 'u'@'h' = PASSWORD('§')
ALTER USER x PASSWORD '§'
ALTER USER x WITH PASSWORD '§'
UPDATE u SET password = '§', x = 1
INSERT INTO u (name, password) VALUES ('bob', '§')
INSERT INTO u (name,password,mail) VALUES ('bob','§','x')
curl -u bob:§ http://x
curl --user bob:§ http://x
curl --user=bob:§ http://x
curl -H 'Authorization: Token §' http://x
curl -H "Authorization: Token §" -H "Accept: x"
curl --header 'Cookie: a=§; b=§'
http://x/?password=§&a=b
GET /login?user=a&password=§ HTTP/1.1" 200 12
`,
  prose: String.raw`
password is §
password for bob is §
password for bob: §
password changed to §
new password (bob): §
Password ........ : §
password... §
password? §
password. §
`,
  "JSON, CSV and lists": String.raw`
password: (§)
"password" : "§"
'password' : '§'
"password "  : "§"
"password":§
"password":§,"x":1
{"password":"§","x":
{"{""password"":""§""}"}
["password","§"]
["password",["§"]]
("password", '§')
("password", §)
('password', N'§')
[["password","§"]]
{"name":"password","value":"§"}
{"key":"password", "value":"§"}
name=password value=§
name: password, value: §
`,
  "text in JSON": String.raw`
password\t§
password:\t§
password=\"§\"
password=\'§\'
{"m":"password=§"}
{"m":"password: §","n":1}
{"m":"Authorization: Token §, x=§","n":1}
{"m":"{\"password\":\"§\"}"}
{"m":"(b'password', b'§')","q":2}
`,
  "folded headers and keys": String.raw`
Authorization: Digest username="x",␊ response="§"␊Host: x
Authorization:␊ Token §␊Host: x
-----BEGIN RSA PRIVATE KEY-----␊§␊-----END RSA PRIVATE KEY-----␊x
-----BEGIN RSA PRIVATE KEY-----␊§
-----BEGIN PGP PRIVATE KEY BLOCK-----␊§␊-----END PGP PRIVATE KEY BLOCK-----
---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----␊§␊---- END SSH2 ENCRYPTED PRIVATE KEY ----
-----BEGIN+PRIVATE+KEY-----§-----END+PRIVATE+KEY-----
["-----BEGIN PRIVATE KEY-----","§","-----END PRIVATE KEY-----","x"]
["-----BEGIN PRIVATE KEY-----","§","§"]
password=-----BEGIN PRIVATE KEY-----␊§␊-----END PRIVATE KEY-----
Private-Lines: 14␊§
token token=§
https://bob:§@host/x
redis://:§@host
Authorization: a␊ ␍§
Authorization: a␍␊␍␊ ␍ §
password: |␊␍§
`,
  NULs: String.raw`
{"p\u0000assword":"§","x":1}
{"m":"p\u0000a\u0000s\u0000s\u0000w\u0000o\u0000r\u0000d\u0000:\u0000§","x":1}
pa\x00ssword=§
password␀§
p␀a␀s␀s␀w␀o␀r␀d␀=␀§
`,
  "names in brackets and odd separators": String.raw`
password␛§
pin: §
[pin] §
(password) §
#{password}=§
{{ password }}: §
password: §, user: bob
password==§
password=~§
password!=§
password eq '§'
password equals §
password ␉: §
password␊§
password\n§
password — §
password – §
password • §
password ~ §
password #§
password @§
password*§
password+§
password^§
password\§
password%§
password&§
password$§
password!§
password,  §
password_=§
password-: §
password--§
`,
  "more of Authorization and Cookie": String.raw`
X-Authorization: Token §
Proxy-Authorization: Custom a=§, b=§
"Authorization": "Token §"
'Authorization': ['Token §']
authorization: ["Token §"]
authorization [Token §]
Authorization=[Token §]
Authorization=[Token, §]
authorization="Token §" user=bob
authorization	Token §
authorization Token §
> Authorization: Token §
< Set-Cookie: a=§
Authorization => Token §
Authorization | Token §
Authorization;Token §
{"key":"Authorization","value":"Token §"}
{"name":"Authorization","values":["Token §"]}
Authorization   :   Token §
{"Cookie":"a=b; session=§","x":1}
{"Cookie":"a="b"; session=§","x":1
`,
  "code and other languages": String.raw`
password=a%26b=§
password: § # comment
:password "§"
(:password . "§")
(password . "§")
password = <§>
password=[§]
password={§}
"password"	"§"
$password = "§"
$this->password='§'
obj.password = §
obj["password"] = §
obj['password']='§'
process.env.PASSWORD §
password.value=§
password[0]=§
password[]=§
user[password]=§
user%5Bpassword%5D=§
user[password][0]=§
<password/>§
<token>§<token>
password&gt;§
password=&lt;§&gt;
"password\":\"§\"
password''§
password""§
`,
  "names that are values": String.raw`
{"Name": "/prod/db/password", "Type": "SecureString", "Value": "§", "Version": 1}
{"name":"password","value":"§"
{"Name":"/prod/token","VersionId":3,"Stages":"x","SecretString":"§"}
{:name=>"password", :kind=>"text", :value=>"§"}
`,
  "joints of names": String.raw`
HTTP_X_API_KEY=§
"HTTP_X_API_KEY"=>"§", "HTTP_HOST"=>"x"
x_api_key: §
db-secret: §
`,
  "values behind words": String.raw`
SELECT 1 FROM u WHERE password IN ('§')
SELECT 1 FROM u WHERE password NOT IN (N'§', 'x')
Bearer: §
Bearer=§
{"bearer":"§","a":1}
`,
  "nested spellings": String.raw`
\\u0070assword=§
\\\\x70assword=§
%5Cu0070assword=§
&#92;u0070assword=§
&amp;amp;amp;amp;amp;amp;#112;assword=§
p&#0097;ssword=§
`,
};

const signs: Readonly<Record<string, string>> = {
  "§": secret,
  "␛": "\u001b",
  "␊": "\n",
  "␉": "\t",
  "␍": "\r",
  "␀": "\0",
};

/** Texts that hold the secret, by kind of format. */
export const secret_formats: readonly (readonly [kind: string, texts: readonly string[]])[] =
  Object.entries(written).map(([kind, lines]) => [
    kind,
    lines
      .trim()
      .split("\n")
      .map((line) => line.replaceAll(/[§␛␊␉␍␀]/g, (sign) => signs[sign]!)),
  ]);
