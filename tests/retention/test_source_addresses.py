"""What the address of a business database may be, and what is refused before anything is connected to."""

import socket
from pathlib import Path

import pytest

from foundation.errors import RuleViolation
from retention.errors import SourceRefused, SourceUnreachable
from retention.sources.addresses import Places, allowed_addresses, allowed_file, read_address
from retention.sources.hosts import read_rules

PASSWORD = "pa-ss-wo-rd"


def names(**known):
    """A resolver that knows these names."""

    def resolve(host, _port):
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return known[host]

    return resolve


@pytest.mark.parametrize(
    ("text", "shown", "place"),
    [
        ("postgresql://erp:x@db.example/crm",
         "postgresql://erp@db.example:5432/crm", "PostgreSQL, db.example:5432, crm"),
        ("postgres://erp:x@DB.Example.:6000/crm",
         "postgresql://erp@db.example:6000/crm", "PostgreSQL, db.example:6000, crm"),
        ("mariadb://erp:x@10.0.0.5/crm", "mysql://erp@10.0.0.5:3306/crm", "MySQL/MariaDB, 10.0.0.5:3306, crm"),
        ("mysql://e%40rp:x@[2001:DB8::0:1]/crm?sslmode=verify-full",
         "mysql://e%40rp@[2001:db8::1]:3306/crm?sslmode=verify-full", "MySQL/MariaDB, [2001:db8::1]:3306, crm"),
        ("sqlite:///clients/été.sqlite", "sqlite:///clients/%C3%A9t%C3%A9.sqlite", "SQLite, clients/été.sqlite"),
    ],
)  # fmt: skip
def test_an_address_is_normalised_and_shown_without_its_password(text, shown, place):
    login = read_address(text)
    assert login.address.text == shown
    assert login.address.place == place
    assert read_address(shown).address == login.address


def test_the_password_is_kept_apart_and_never_represented():
    login = read_address(f"postgresql://erp:{PASSWORD}%3A%2F@db.example/crm")
    assert login.password == PASSWORD + ":/"
    assert PASSWORD not in repr(login)
    assert PASSWORD not in str(login.address)


SERVER = f"postgresql://erp:{PASSWORD}@db.example/crm"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(PASSWORD, id="no address"),
        pytest.param(SERVER.replace("postgresql", "postgresql+psycopg2"), id="a driver"),
        pytest.param(SERVER.replace("postgresql", "mysql+mysqldb"), id="another driver"),
        pytest.param(SERVER.replace("postgresql", "POSTGRESQL+ASYNCPG"), id="a driver in capitals"),
        pytest.param(SERVER.replace("postgresql", "oracle"), id="an engine that is not supported"),
        pytest.param(f"{SERVER}?host=/var/run/postgresql", id="a socket as an option"),
        pytest.param(f"{SERVER}?hostaddr=127.0.0.1", id="a second address"),
        pytest.param(f"{SERVER}?service={PASSWORD}", id="a service file"),
        pytest.param(f"{SERVER}?options=-csearch_path%3Dx", id="options of the server"),
        pytest.param(f"{SERVER}?sslrootcert=/etc/passwd", id="a file of authorities"),
        pytest.param(f"{SERVER}?passfile=/etc/pgpass", id="a password file"),
        pytest.param(f"{SERVER}?sslmode=disable", id="no encryption"),
        pytest.param(f"{SERVER}?sslmode=require&sslmode=require", id="an option twice"),
        pytest.param(f"{SERVER}?sslmode=require&", id="an empty option"),
        pytest.param("mysql://erp:x@db.example/crm?unix_socket=/run/mysqld/mysqld.sock", id="a socket of MySQL"),
        pytest.param("mysql://erp:x@db.example/crm?read_default_file=/etc/my.cnf", id="a file of options"),
        pytest.param("mysql://erp:x@db.example/crm?charset=latin1", id="another character set"),
        pytest.param("mysql://erp:x@db.example/crm?local_infile=1", id="reading files of this machine"),
        pytest.param("postgresql:///crm", id="no machine: a socket"),
        pytest.param("postgresql://erp:x@%2Fvar%2Frun/crm", id="a socket as a machine"),
        pytest.param("postgresql://erp:x@a.example,b.example/crm", id="several machines"),
        pytest.param("postgresql://erp:x@a.example:1,b.example:2/crm", id="several machines with ports"),
        pytest.param("postgresql://erp:x@2130706433/crm", id="an address in decimal"),
        pytest.param("postgresql://erp:x@0177.0.0.1/crm", id="an address in octal"),
        pytest.param("postgresql://erp:x@0x7f.1/crm", id="an address in hexadecimal"),
        pytest.param("postgresql://erp:x@127.1/crm", id="an address cut short"),
        pytest.param("postgresql://erp:x@[fe80::1%25eth0]/crm", id="an address with an interface"),
        pytest.param("postgresql://erp:x@dé.example/crm", id="a name in other letters"),
        pytest.param(f"{SERVER}/other", id="two databases"),
        pytest.param("postgresql://erp:x@db.example/host%3Devil%20dbname%3Dx", id="a database that lists options"),
        pytest.param("postgresql://erp:x@db.example/", id="no database"),
        pytest.param(f"postgresql://:{PASSWORD}@db.example/crm", id="no login"),
        pytest.param(f"postgresql://erp:{PASSWORD}?x@db.example/crm", id="a question mark in the password"),
        pytest.param(f"postgresql://erp:{PASSWORD}#x@db.example/crm", id="a hash sign in the password"),
        pytest.param(f"postgresql://erp:{PASSWORD}/x@db.example/crm", id="a slash in the password"),
        pytest.param(f"postgresql://erp:{PASSWORD}%zz@db.example/crm", id="a percent sign in the password"),
        pytest.param(f"postgresql://erp:{PASSWORD}@db.example:99999/crm", id="a port that is none"),
        pytest.param(f"postgresql://erp:{PASSWORD}@[::1/crm", id="half a bracket"),
        pytest.param(f"postgresql://erp:{PASSWORD}\n@db.example/crm", id="a line break"),
        pytest.param("postgresql://erp:x@db.example/cr%00m", id="a NUL"),
        pytest.param(SERVER + "x" * 2000, id="too long"),
        pytest.param("sqlite://", id="a database in memory"),
        pytest.param("sqlite:///:memory:", id="a database in memory by name"),
        pytest.param("sqlite:///file:x?mode=memory", id="a URI of SQLite"),
        pytest.param("sqlite:///file%3Ax", id="a hidden URI of SQLite"),
        pytest.param("sqlite://host/x.sqlite", id="a file on a machine"),
    ],
)  # fmt: skip
def test_an_address_is_refused_without_repeating_its_password(text):
    with pytest.raises(SourceRefused) as refusal:
        read_address(text)
    for secret in (PASSWORD, "evil", "/etc/", "/var/"):
        assert secret not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert isinstance(refusal.value, RuleViolation)


@pytest.mark.parametrize(
    ("rules", "host", "found", "goes_to"),
    [
        (["db.example"], "db.example", ["10.0.0.5"], ["10.0.0.5"]),
        (["db.example"], "db2.example", ["10.0.0.5"], None),
        (["db.example:5432"], "db.example", ["10.0.0.5"], ["10.0.0.5"]),
        (["db.example:5433"], "db.example", ["10.0.0.5"], None),
        (["*.acme.example"], "db.acme.example", ["10.0.0.5"], ["10.0.0.5"]),
        (["*.acme.example"], "acme.example", ["10.0.0.5"], None),
        (["*.acme.example"], "evilacme.example", ["10.0.0.5"], None),
        (["10.0.0.0/8"], "any.example", ["10.0.0.5", "10.9.9.9"], ["10.0.0.5", "10.9.9.9"]),
        (["10.0.0.0/8"], "any.example", ["10.0.0.5", "11.0.0.1"], None),
        (["10.0.0.0/8:5432"], "10.1.2.3", [], ["10.1.2.3"]),
        (["10.0.0.0/8"], "any.example", ["::ffff:10.0.0.5"], ["10.0.0.5"]),
        (["[2001:db8::]/32"], "any.example", ["10.0.0.5"], "ValueError"),
        (["2001:db8::/32"], "any.example", ["2001:db8::5"], ["2001:db8::5"]),
        (["localhost"], "localhost", ["::1", "127.0.0.1"], ["::1", "127.0.0.1"]),
        ([], "db.example", ["10.0.0.5"], None),
        ([], "127.0.0.1", [], None),
        # a name that leads back into this machine, or to where no list leads
        (["db.example"], "db.example", ["127.0.0.1"], None),
        (["db.example"], "db.example", ["10.0.0.5", "::1"], None),
        (["db.example", "0.0.0.0/0", "::/0"], "db.example", ["169.254.169.254"], None),
        (["0.0.0.0/0", "::/0"], "169.254.1.1", [], None),
        (["0.0.0.0/0", "::/0"], "::ffff:169.254.169.254", [], None),
        (["0.0.0.0/0", "::/0"], "64:ff9b::a9fe:a9fe", [], None),
        (["0.0.0.0/0", "::/0"], "2002:a9fe:a9fe::", [], None),
        (["0.0.0.0/0", "::/0"], "2001:0:4136:e378:8000:63bf:3fff:fdd2", [], None),
        (["0.0.0.0/0", "::/0"], "fe80::1", [], None),
        (["0.0.0.0/0", "::/0"], "fd00:ec2::254", [], None),
        (["0.0.0.0/0", "::/0"], "0.0.0.0", [], None),
        (["0.0.0.0/0", "::/0"], "0.0.0.1", [], None),
        (["0.0.0.0/0", "::/0"], "::", [], None),
        (["0.0.0.0/0", "::/0"], "224.0.0.1", [], None),
        (["0.0.0.0/0", "::/0"], "ff02::1", [], None),
        (["0.0.0.0/0", "::/0"], "255.255.255.255", [], None),
        (["0.0.0.0/0", "::/0"], "100.100.100.200", [], None),
    ],
)
def test_a_machine_is_reached_only_where_the_operator_allows_it(rules, host, found, goes_to):
    if goes_to == "ValueError":
        with pytest.raises(ValueError):
            read_rules(rules)
        return
    address = read_address(f"postgresql://erp:x@{f'[{host}]' if ':' in host else host}/crm").address
    if goes_to is None:
        with pytest.raises(SourceRefused, match="GREFFIER_SOURCE_HOSTS"):
            allowed_addresses(address, Places(read_rules(rules)), resolve=names(**{host: found}))
    else:
        assert allowed_addresses(address, Places(read_rules(rules)), resolve=names(**{host: found})) == goes_to


def test_a_name_that_nobody_knows_is_said():
    address = read_address("postgresql://erp:x@nowhere.example/crm").address
    with pytest.raises(SourceUnreachable, match=r"nowhere\.example") as refusal:
        allowed_addresses(address, Places(read_rules(["nowhere.example"])), resolve=names())
    assert refusal.value.cause == "unknown_host"


def test_a_certificate_is_checked_only_against_authorities_of_the_operator():
    address = read_address("postgresql://erp:x@db.example/crm?sslmode=verify-full").address
    with pytest.raises(SourceRefused, match="GREFFIER_SOURCE_AUTHORITIES"):
        allowed_addresses(address, Places(read_rules(["db.example"])), resolve=names(**{"db.example": ["10.0.0.5"]}))


@pytest.mark.parametrize(
    "entry", ["http://db.example", "db.example:0", "db.example:http", "*.", "*", "10.0.0.0/99", "a b"]
)
def test_a_wrong_entry_of_the_list_is_named(entry):
    with pytest.raises(ValueError, match="“"):
        read_rules(["db.example", entry])


def test_a_sqlite_file_lies_in_its_folder_wherever_links_lead(tmp_path):
    inside, outside = tmp_path / "databases", tmp_path / "secret.sqlite"
    (inside / "deep").mkdir(parents=True)
    for path in (inside / "a.sqlite", inside / "deep" / "b % é.sqlite", outside):
        path.touch()
    (inside / "link").symlink_to(inside / "a.sqlite")
    (inside / "way-out").symlink_to(outside)
    (inside / "folder-out").symlink_to(tmp_path)
    places = Places(sqlite_folder=inside)

    def opened(path):
        return allowed_file(read_address(f"sqlite:///{path}").address, places)

    assert opened("a.sqlite") == opened("link") == opened(f"/{inside}/a.sqlite") == inside / "a.sqlite"
    assert opened("deep/b%20%25%20%C3%A9.sqlite") == inside / "deep" / "b % é.sqlite"
    for path in ("../secret.sqlite", "%2E%2E/secret.sqlite", "way-out", "folder-out/secret.sqlite", f"/{outside}",
                 "/etc/passwd", "/dev/zero", "deep", "absent.sqlite", "."):  # fmt: skip
        with pytest.raises(SourceRefused, match="GREFFIER_SQLITE_FOLDER"):
            opened(path)
    with pytest.raises(SourceRefused):
        allowed_file(read_address("sqlite:///a.sqlite").address, Places())
    assert not Path(inside / "absent.sqlite").exists()
