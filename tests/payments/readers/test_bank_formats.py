"""CAMT.053, MT940 and OFX of other banks, and those that are broken or hostile."""

from datetime import date

import pytest

from payments.readers import StatementRefused, read_statement


def refused(content: str) -> StatementRefused:
    with pytest.raises(StatementRefused) as told:
        read_statement("x", content.encode())
    assert told.value.sentence
    return told.value


CAMT_8 = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>1</Id>
<Acct><Id><IBAN>SN08SN0100152000048500003035</IBAN></Id><Ccy>XOF</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="XOF">1000.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="XOF">350500</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-31</Dt></Dt></Bal>
<Ntry><Amt Ccy="XOF">350000</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><DtTm>2026-10-05T10:00:00Z</DtTm></BookgDt><AcctSvcrRef>LOT1</AcctSvcrRef><NtryDtls>
<TxDtls><Refs><EndToEndId>BAIL-2026-0001</EndToEndId></Refs><Amt Ccy="XOF">150000</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>Awa Diop</Nm></Pty></Dbtr></RltdPties></TxDtls>
<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy="XOF">200000</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Ustrd>loyer</Ustrd><Ustrd>octobre</Ustrd></RmtInf></TxDtls>
</NtryDtls></Ntry>
<Ntry><Amt Ccy="XOF">500</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-10-06</Dt></BookgDt><AcctSvcrRef>F1</AcctSvcrRef>
<AddtlNtryInf>FRAIS</AddtlNtryInf></Ntry>
<Ntry><Amt Ccy="XOF">900</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts>
<BookgDt><Dt>2026-10-07</Dt></BookgDt><AcctSvcrRef>P1</AcctSvcrRef></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def test_version_8_of_camt_with_a_batch():
    read = read_statement("x", CAMT_8.encode())
    assert (read.account_number, read.currency) == ("SN08SN0100152000048500003035", "XOF")
    assert (read.opening, read.closing) == (1000, 350_500)
    first, second, fee, pending = read.movements
    assert (first.reference, first.amount, first.party) == ("BAIL-2026-0001", 150_000, "Awa Diop")
    assert first.other_references == ("LOT1",)
    assert (second.reference, second.amount, second.text) == ("LOT1/2", 200_000, "loyer octobre")
    assert (fee.amount, fee.kind, fee.day) == (-500, "fee", date(2026, 10, 6))
    assert (pending.failed, pending.kind) == (True, "pending")
    assert first.line == 11


BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>
<Document><BkToCstmrStmt><Stmt><Acct><Id>&lol2;</Id></Acct></Stmt></BkToCstmrStmt></Document>"""
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE d SYSTEM "http://127.0.0.1:9/d.dtd"><Document/>'


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (CAMT_8.replace(">200000<", ">200001<"), "batch_broken", 9),
        (CAMT_8.replace(">350500<", ">350400<"), "balance_broken", 19),
        (CAMT_8[:1200], "file_cut", None),
        (CAMT_8.replace("</TxDtls>", "", 1), "malformed", 15),
        (CAMT_8.replace(">200000<", ">200000.50<"), "amount_decimal", 13),
        (CAMT_8.replace("2026-10-06", "2026-13-06"), "date_missing", 16),
        (CAMT_8.replace("DBIT", "DEBIT"), "direction_unknown", 16),
        (CAMT_8.replace('Ccy="XOF">500<', 'Ccy="EUR">500<'), "currencies", 16),
        (BOMB, "doctype", 2),
        (OUTSIDE, "doctype", 1),
        ("<Document><CstmrCdtTrfInitn/></Document>", "not_a_statement", 1),
    ],
)
def test_a_camt_that_is_wrong_is_refused_with_its_line(content, code, line):
    told = refused(content)
    assert told.code == code
    assert told.line == line or line is None


MT940 = """{1:F01BANKSNDAXXXX0000000000}{2:I940BANKSNDAXXXXN}{4:
:20:STMT1
:25:SN0100152000048500003035
:28C:1/1
:60F:C251230XOF1000,
:61:2512310102C150000,00NTRFBAIL-2026-0001//B1
:86:166?00VIREMENT?20LOYER JANV?21IER?32AWA ?33DIOP
:61:2601020102D500,NCHGNONREF//B2
SUPPLEMENT
:86:FRAIS
:62M:C260102XOF150500,
-}
:20:STMT1
:25:SN0100152000048500003035
:28C:1/2
:60M:C260102XOF150500,
:61:2601030103RD500,NCHGNONREF//B3
:86:ANNULATION B2
:62F:C260103XOF151000,
-}
"""


def test_mt940_of_two_pages_with_coded_text_and_a_new_year():
    read = read_statement("x", MT940.encode())
    assert (read.opening, read.closing) == (1000, 151_000)
    rent, fee, back = read.movements
    assert (rent.day, rent.amount, rent.reference) == (date(2026, 1, 2), 150_000, "B1")
    assert (rent.text, rent.party) == ("LOYER JANVIER", "AWA DIOP")
    assert rent.other_references == ("BAIL-2026-0001",)
    assert (fee.amount, fee.kind, fee.text) == (-500, "fee", "SUPPLEMENT FRAIS")
    assert (back.amount, back.kind, back.line) == (500, "reversal", 17)


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (MT940.replace("XOF151000", "XOF151001"), "balance_broken", 19),
        (MT940.replace(":60M:C260102XOF150500", ":60M:C260102XOF150501"), "balance_broken", 16),
        (MT940[: MT940.index(":62F:")], "file_cut", 18),
        (MT940.replace(":61:2601030103", ":61:26AA030103"), "malformed", 17),
        (MT940.replace(":61:2601030103", ":61:2602300103"), "date_impossible", 17),
        (MT940.replace("D500,NCHG", "D500,50NCHG", 1), "amount_decimal", 8),
    ],
)
def test_an_mt940_that_is_wrong_is_refused_with_its_line(content, code, line):
    told = refused(content)
    assert (told.code, told.line) == (code, line)


OFX_1 = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>XOF
<BANKACCTFROM><BANKID>SN010<ACCTID>000485000030<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261001<DTEND>20261031
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261005120000[0:GMT]<TRNAMT>150000.00<FITID>F1
<NAME>AWA DIOP<MEMO>Loyer d&amp;octobre BAIL-2026-0001</STMTTRN>
<STMTTRN>
<TRNTYPE>FEE
<DTPOSTED>20261006
<TRNAMT>-500
<FITID>F2
<CHECKNUM>1000204
<NAME>FRAIS
</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>149500<DTASOF>20261031</LEDGERBAL></STMTRS></STMTTRNRS>
</BANKMSGSRSV1></OFX>
"""
OFX_2 = """<?xml version="1.0" encoding="UTF-8"?>
<?OFX OFXHEADER="200" VERSION="211"?>
<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>XOF</CURDEF>
<BANKACCTFROM><BANKID>SN010</BANKID><ACCTID>000485000030</ACCTID></BANKACCTFROM><BANKTRANLIST>
<STMTTRN><TRNTYPE>CREDIT</TRNTYPE><DTPOSTED>20261005120000</DTPOSTED>
<TRNAMT>150000.00</TRNAMT><FITID>F1</FITID><NAME>AWA DIOP</NAME>
<MEMO>Loyer d&amp;octobre BAIL-2026-0001</MEMO></STMTTRN>
<STMTTRN><TRNTYPE>FEE</TRNTYPE><DTPOSTED>20261006</DTPOSTED><TRNAMT>-500</TRNAMT>
<FITID>F2</FITID><CHECKNUM>1000204</CHECKNUM><NAME>FRAIS</NAME></STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>149500</BALAMT></LEDGERBAL></STMTRS></STMTTRNRS>
</BANKMSGSRSV1></OFX>
"""


@pytest.mark.parametrize("content", [OFX_1, OFX_2])
def test_ofx_old_and_new_say_the_same(content):
    read = read_statement("x", content.encode("cp1252"))
    assert (read.format, read.currency, read.account_number) == ("ofx", "XOF", "000485000030")
    assert read.closing == 149_500
    rent, fee = read.movements
    assert (rent.amount, rent.reference, rent.party) == (150_000, "F1", "AWA DIOP")
    assert rent.text == "Loyer d&octobre BAIL-2026-0001"
    assert "BAIL-2026-0001" in rent.other_references
    assert (fee.amount, fee.kind) == (-500, "fee")
    assert "CHQ 1000204" in fee.other_references


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (OFX_1[: OFX_1.index("</BANKTRANLIST>")], "file_cut", None),
        (OFX_1.replace("-500", "-500.50"), "amount_decimal", 11),
        (OFX_1.replace("20261006\n", "20261306\n"), "date_missing", 11),
        (OFX_1.replace("<TRNAMT>-500\n", ""), "amount_missing", 11),
        (OFX_1.replace("</STMTTRN>\n<STMTTRN>", "\n<STMTTRN>", 1), "malformed", 11),
        (OFX_2.replace("<OFX>", '<!DOCTYPE o [<!ENTITY a "b">]><OFX>', 1), "doctype", 3),
    ],
)
def test_an_ofx_that_is_wrong_is_refused_with_its_line(content, code, line):
    told = refused(content)
    assert told.code == code
    assert told.line == line or line is None
