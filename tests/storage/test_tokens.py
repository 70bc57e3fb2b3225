import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from storage.tokens import Token, blind, fold, phrase, places, tokens

SECRET = bytes(range(32))

han = st.text("保密工作国家秘密定级解密知悉范围档案〇二", min_size=1, max_size=6)
words = st.text("abcXYZéß019", min_size=1, max_size=5)
between = st.sampled_from(["", " ", "\n", "，", "。", "〔", "〕", "(", "）", "-", "\u3000", "、 "])
documents = st.lists(st.tuples(st.one_of(han, words), between), max_size=12).map(
    lambda parts: "".join(text + gap for text, gap in parts)
)


def found(query: str, text: str) -> bool:
    return bool(places(phrase(query), tokens(text)))


def test_chinese_becomes_single_characters_and_overlapping_pairs() -> None:
    assert tokens("保密法") == [
        Token("保", 0),
        Token("保密", 0),
        Token("密", 1),
        Token("密法", 1),
        Token("法", 2),
    ]


def test_words_and_numbers_stay_whole() -> None:
    assert tokens("Plone 2024 S03-4.1b") == [
        Token("plone", 0),
        Token("2024", 1),
        Token("s03", 2),
        Token("4", 3),
        Token("1b", 4),
    ]


def test_a_question_asks_for_pairs_and_for_what_no_pair_holds() -> None:
    assert phrase("保密法第3条") == [
        Token("保密", 0),
        Token("密法", 1),
        Token("法第", 2),
        Token("3", 4),
        Token("条", 5),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "国办发〔2024〕3号",
        "国办发[2024]3号",
        "国办发(2024)3号",
        "国办发（２０２４）３号",
        "国办发【2024】 3 号",
    ],
)
@pytest.mark.parametrize(
    "query",
    ["〔2024〕3号", "[2024]3号", "(2024)3号", "（２０２４）３号", "2024 3号", "国办发〔2024〕", "发2024"],
)
def test_a_document_number_is_found_whatever_brackets_and_width_it_has(query: str, text: str) -> None:
    assert found(query, text)


@pytest.mark.parametrize("query", ["〔3〕", "[3]", "(3)", "（３）", "⑶", "③", "3"])
@pytest.mark.parametrize("text", ["附件〔3〕", "附件[3]", "附件(3)", "附件（３）", "附件⑶", "附件③"])
def test_a_number_in_any_brackets_is_that_number(query: str, text: str) -> None:
    assert found(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("二〇二四", "二○二四年"),
        ("二○二四", "二〇二四年"),
        ("保密工作", "保密\n工作"),
        ("保密工作", "保密\u3000工作"),
        ("保密工作", "保\u200b密\ufeff工作"),
        ("保密，工作", "保密工作"),
        ("ＰＤＦ", "a pdf file"),
        ("straße", "STRASSE"),
        ("cafe\u0301", "CAFÉ"),
        ("⼯作", "工作"),
        ("金额", "⾦额"),
        ("葛", "葛\U000e0100"),
        ("密", "绝密级"),
        ("\ue123某", "王\ue123某"),
    ],
)
def test_forms_of_the_same_text_find_each_other(query: str, text: str) -> None:
    assert found(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("密工", "保密，工作"),
        ("工密", "保密工作"),
        ("保工", "保密工作"),
        ("lon", "Plone"),
        ("保密法", "保密 2024 法"),
        ("3号4", "4 3号"),
        ("", "保密"),
        ("〔〕", "〔3〕"),
        ("保密", ""),
        ("保密保密", "保密"),
    ],
)
def test_other_text_is_not_found(query: str, text: str) -> None:
    assert not found(query, text)


def test_every_place_of_a_phrase_is_told() -> None:
    assert places(phrase("密工"), tokens("保密工作 密工")) == [1, 4]


@given(documents, st.data())
def test_a_phrase_cut_from_a_document_is_found(text: str, data: st.DataObject) -> None:
    cuts = units_of(text)
    assume(cuts)
    start = data.draw(st.integers(0, len(cuts) - 1))
    end = data.draw(st.integers(start, len(cuts) - 1))

    query = fold(text)[cuts[start][0] : cuts[end][1]]

    assert found(query, text)
    assert start in places(phrase(query), tokens(text))


@given(st.text(), st.data())
def test_a_phrase_cut_from_any_text_is_found(text: str, data: st.DataObject) -> None:
    cuts = units_of(text)
    if not cuts:
        assert tokens(text) == []
        return
    start = data.draw(st.integers(0, len(cuts) - 1))
    end = data.draw(st.integers(start, len(cuts) - 1))

    query = fold(text)[cuts[start][0] : cuts[end][1]]

    assert start in places(phrase(query), tokens(text))


def units_of(text: str) -> list[tuple[int, int]]:
    """Where the unit of each position stands in the folded text."""
    folded, spans, at = fold(text), [], 0
    singles = {token.position: token.text for token in tokens(text)[::-1]}
    for position in sorted(singles):
        start = folded.index(singles[position], at)
        at = start + len(singles[position])
        spans.append((start, at))
    return spans


@given(documents, documents, documents)
def test_a_document_is_found_wherever_it_was_put_between_others(before: str, text: str, after: str) -> None:
    whole = f"{before}。{text}。{after}"

    assert found(text, whole) == bool(tokens(text))


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.integers(0, 50), st.integers(0, 50))
def test_a_piece_of_folded_text_is_folded(text: str, start: int, end: int) -> None:
    piece = fold(text)[start:end]

    assert fold(piece) == piece


@given(st.text())
def test_what_a_question_asks_for_is_what_an_index_keeps(text: str) -> None:
    assert set(phrase(text)) <= set(tokens(text))


@given(st.text("保密工作ab3 ，"), st.text("保密工作ab3 ，"))
def test_blinded_tokens_find_what_plain_ones_find(query: str, text: str) -> None:
    asked = [Token(str(blind(token.text, SECRET)), token.position) for token in phrase(query)]
    kept = [Token(str(blind(token.text, SECRET)), token.position) for token in tokens(text)]

    assert places(asked, kept) == places(phrase(query), tokens(text))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_blinded_token_fits_a_signed_integer_and_depends_on_the_secret(token: str) -> None:
    number = blind(token, SECRET)

    assert -(2**63) <= number < 2**63
    assert number == blind(token, SECRET)
    assert number != blind(token, bytes(32))


def test_the_blinding_of_a_token_never_changes() -> None:
    assert blind("保密", SECRET) == -8435452244076655107  # an index written yesterday is still found
    assert len({blind(text, SECRET) for text in ["保", "密", "保密", "密保", ""]}) == 5


@pytest.mark.parametrize("secret", [b"", bytes(15), bytes(65)])
def test_a_search_secret_is_long_enough_and_not_too_long(secret: bytes) -> None:
    with pytest.raises(ValueError, match="16 to 64"):
        blind("保密", secret)
