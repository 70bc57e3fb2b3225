"""The catalogue: projections of the ledger, dropped and made again by `zhixi rebuild`."""

from __future__ import annotations

from piccolo.columns import BigInt, Boolean, Integer, Text
from piccolo.table import Table


class Subject(Table, tablename="subject"):
    """Every node: its kind, its name, and where it stands in the unit's order."""

    id = Text(primary_key=True)
    kind = Text(index=True)
    name = Text()
    name_en = Text(default="")
    parent = Text(default="")
    ordering = Integer(default=0)
    void = Boolean(default=False)
    made = BigInt()


class Folder(Table, tablename="folder"):
    """A folder's place in the filing plan."""

    id = Text(primary_key=True)
    code = Text(index=True, default="")


class Person(Table, tablename="person"):
    id = Text(primary_key=True)
    name = Text(index=True)
    staff_number = Text(index=True, default="")
    pinyin = Text(index=True, default="")
    initials = Text(index=True, default="")
    sex = Text(default="")
    ordering = Integer(default=0)


class Device(Table, tablename="device"):
    """An enrolled terminal, by the digest of the key it presents."""

    id = Text(primary_key=True)
    place = Text()
    key_sha256 = Text(unique=True)
    serial = Text()


class Document(Table, tablename="document"):
    """`quantity` is how many carriers were made; `expires` an ISO date, empty for 长期 or unmarked."""

    id = Text(primary_key=True)
    title = Text()
    title_secret = Boolean(default=False)
    number = Text(index=True, default="")
    receipt = Text(index=True, default="")
    level = Text(default="")
    years = Integer(null=True, default=None)
    permanent = Boolean(default=False)
    marked_from = Text(default="")
    expires = Text(default="")
    quantity = Integer(default=0)
    pages = Integer(null=True, default=None)
    drafted = Text(default="")
    urgency = Text(default="")
    originator = Text(default="")
    folder = Text(index=True, default="")
    registered_by = Text(default="")
    proposed_by = Text(default="")
    basis = Text(default="")
    approved_by = Text(default="")
    made = BigInt()


class Carrier(Table, tablename="carrier"):
    """One object. `state`: present, destroyed. `file` is the vault's object where it is electronic."""

    id = Text(primary_key=True)
    document = Text(index=True)
    serial = Text(default="")
    medium = Text()
    pages = Integer(null=True, default=None)
    copy_of = Text(default="")
    state = Text(default="present")
    file = Text(default="")
    made = BigInt()


class File(Table, tablename="file"):
    """A scan or other electronic carrier's content. `state`: staged, accepted, rejected."""

    id = Text(primary_key=True)
    document = Text(index=True)
    carrier = Text(index=True)
    name = Text()
    media_type = Text()
    size = BigInt()
    sha256 = Text()
    pages = Integer(null=True, default=None)
    state = Text()
    made = BigInt()


class Number(Table, tablename="number"):
    """Numbers issued from series; a spoilt one stays."""

    id = Text(primary_key=True)
    series = Text(index=True)
    year = Integer()
    n = Integer()
    text = Text()
    entry = Text()


class RegisterRow(Table, tablename="register_row"):
    """One line of the books, as paper shows it: struck through where voided, with what corrected it."""

    seq = BigInt(primary_key=True)
    reference = Text(unique=True)
    register = Text(index=True)
    act = Text()
    subject = Text(index=True)
    occurred_at = BigInt()
    recorded_at = BigInt()
    late = Text(default="")
    actor = Text()
    decided_by = Text(default="")
    proof = Text(default="own")
    line = Text()
    voided_by = Text(default="")
    corrections = Text(default="[]")


class FactEntry(Table, tablename="fact_entry"):
    """Which entry brought the version of a fact that stands: what evidence is looked up by."""

    fact = Text(primary_key=True)
    seq = BigInt()


class Reading(Table, tablename="reading"):
    """One recorded opening; pages are served under it."""

    id = Text(primary_key=True)
    person = Text(index=True)
    document = Text(index=True)
    carrier = Text(default="")
    file = Text(default="")
    device = Text(default="")
    mode = Text()
    opened_at = BigInt()
    made = BigInt()


class Errand(Table, tablename="errand"):
    """One thing that takes several acts, as it stands: a consignment, a destruction, an inventory, an incident.

    `due` is the instant its next step is owed by, null where none is. `content` is JSON, of a shape of its kind.
    """

    id = Text(primary_key=True)
    kind = Text(index=True)
    state = Text(index=True)
    subject = Text(index=True)
    due = BigInt(null=True, default=None)
    opened_at = BigInt()
    changed_at = BigInt()
    content = Text()
    made = BigInt()


class TitleToken(Table, tablename="title_token"):
    """Where tokens stand in titles and numbers; `heap` is one field of one document."""

    id = Text(primary_key=True)
    heap = Text(index=True)
    document = Text()
    position = Integer()
    token = Text(index=True)


class CaseFile(Table, tablename="case_file"):
    """A case of a procedure. `state`: open, suspended, done, refused, withdrawn; `cause` is what opened it by itself."""

    id = Text(primary_key=True)
    procedure = Text(index=True)
    subject = Text(index=True)
    subject_kind = Text()
    opener = Text(index=True)
    responsible = Text(default="")
    cause = Text(default="")
    state = Text(index=True, default="open")
    opened = BigInt()
    since = BigInt()
    closed = BigInt(null=True, default=None)
    form = Text(default="{}")
    made = BigInt()


class CaseStep(Table, tablename="case_step"):
    """A step that was taken, in its order within the case."""

    id = Text(primary_key=True)
    case = Text(index=True)
    n = Integer()
    step = Text()
    party = Text(default="")
    person = Text(index=True)
    behalf = Text(index=True, default="")
    verdict = Text()
    at = BigInt()
    words = Text(default="")
    ground = Text(default="")
    letter = Text(default="")
    form = Text(default="{}")
    proof = Text(default="own")
    entry = Text()


class PaperDecision(Table, tablename="paper_decision"):
    """A decision entered from paper in somebody's name. `state`: waiting, confirmed, disputed; `answered` the entry of the answer."""

    id = Text(primary_key=True)
    seq = BigInt()
    by = Text(index=True)
    act = Text()
    subject = Text()
    recorded_at = BigInt()
    number = Text(default="")
    state = Text(index=True, default="waiting")
    words = Text(default="")
    answered = Text(default="")


class FindingRow(Table, tablename="finding"):
    """What the clock's rounds found. `state`: new, in-hand, accepted, gone; `until` an accepted one comes back at."""

    id = Text(primary_key=True)
    key = Text(index=True)
    code = Text()
    rules = Text()
    subject = Text(index=True)
    person = Text(default="")
    unit = Text(default="")
    whose = Text()
    over = Text(default="")
    content = Text(default="{}")
    due = BigInt(null=True, default=None)
    state = Text(index=True)
    ground = Text(default="")
    until = BigInt(null=True, default=None)
    by = Text(default="")
    noted_at = BigInt()
    changed_at = BigInt()


class Interpretation(Table, tablename="interpretation"):
    """How the leading group reads a clause (S01-19); `version` counts from 1 for each rule."""

    id = Text(primary_key=True)
    rule = Text(index=True)
    version = Integer()
    question = Text()
    reading = Text()
    occurred_at = Text()
    by = Text()


class UndertakingText(Table, tablename="undertaking_text"):
    """A published text of undertakings, by its version; `undertakings` are the kinds it serves (S02-8c, C05)."""

    id = Text(primary_key=True)
    undertakings = Text()
    duties = Text()
    restrictions = Text()
    notify = Text()
    penalties = Text()
    made = BigInt()


class Setting(Table, tablename="organisation_setting"):
    """What the founding entry and later acts configured, by name."""

    name = Text(primary_key=True)
    value = Text()


class Shape(Table, tablename="catalogue_shape"):
    """Of which version the rows of the catalogue are: one row, written with them."""

    id = Integer(primary_key=True)
    digest = Text()


CATALOGUE_TABLES: tuple[type[Table], ...] = (
    Subject, Folder, Person, Device, Document, Carrier, File, Number, RegisterRow, FactEntry, Reading, Errand, TitleToken,
    CaseFile, CaseStep, PaperDecision, FindingRow, Interpretation, UndertakingText,
    Setting, Shape,
)  # fmt: skip
