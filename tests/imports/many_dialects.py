"""An agency of Dakar: each file in a dialect of its own, as Excel, a telephone, an editor write."""

OWNERS = """
Landlord ID|Landlord name|Phone number|Mail|Management fee
LL1|Ndiaye, Astou|77 510 10 01|astou@example.org|8
LL2|SCI Téranga|+221 33 824 10 02||
|Gueye Modou|775101003||10%
"""
PROPERTIES = """
sep=|
Building name|Building no|Landlord|Branch|District|Lat|Long|Remarks
Tour Médina|D1|Astou Ndiaye|Dakar|Médina|14,6800|-17.45|
Villa Ouakam|D2|GUEYE MODOU|SN_DAKAR|Ouakam|146.8|-17.49|
Villa Yoff|D3|Inconnu Total|Dakar|Yoff|||
"""
UNITS = """
Unit;Building;Kind;Rooms;Asking rent (FCFA);Surface m²
A1;Tour Médina;Flat;3;150 000;80
A2;Tour Médina;Flat;3;150 000 F CFA;80
A-1;Tour Médina;Flat;3;150000;80
1;Villa Ouakam;House;5;450.000;
;;;;;
Total;;;;1 200 000;
"""
TENANTS = """
Tenant no,Full name,Mobile,Branch,Occupation
T1,"Fall, Cheikh",77 520 20 01,Dakar,Prof.
T2,Khady Sène,"77 520 20 02, 70 520 20 02",Dakar,
T3,CHEIKH FALL,775202003,Dakar,
T4,Ousmane Sy,5202004,Dakar,
"""
LEASES = """
Lease|Tenant no|Tenant|Building|Unit|Start date|End date|Monthly rent|Frequency|Deposit|Status
L1|T1|Cheikh Fall|Tour Médina|A1|01/06/2024||150 000|Monthly|300000|Active
L2|T2||Tour Médina|A2|2024-07-01|31/12/2025|150.000 FCFA|Quarterly||Notice
L3||Cheikh Fall|Villa Ouakam|1|1 July 2024||450,000|Yearly||
L4|T4||Villa Ouakam|1|01/01/2023|30/06/2024|450000|monthly||Terminated
L5|T4||Tour Médina|A1 & A2|01/01/2023|31/12/2023|300000 GNF|monthly||Terminated
"""
BALANCES = """
Lease;Outstanding as of 31/10/2025;Note
L1;150 000;
L2;0;
L4;75.500;
"""
PAYMENTS = """
Payment date,Lease,Tenant,Paid,Method,Transaction ID
05/11/2025,L1,Cheikh Fall,"150,000",Wave,T_AAA
05/11/2025,L1,Cheikh Fall,150,000,Wave,T_AAB
2025-11-06,l1,,150000,wave,T_AAA
11/25/2025,L2,,1,Cash,T_AAC
07/11/2025,L2,,450 000 XOF,Bank transfer,T_AAD
Total,,,900000,,
"""


def files() -> list[tuple[str, bytes]]:
    return [
        ("1.txt", written(OWNERS.replace("|", "\t"), "utf-16")),  # Excel's "Unicode text"
        ("2.csv", written(PROPERTIES, "utf-8-sig")),
        ("3.csv", written(UNITS, "cp1252")),
        ("4.csv", written(TENANTS, "utf-8-sig")),
        ("5.csv", written(LEASES.replace("|", "\t"), "utf-16-le")),
        ("6.csv", written(BALANCES, "cp1252")),
        ("7.csv", written(PAYMENTS, "utf-8")),
    ]


def written(text: str, encoding: str) -> bytes:
    return text.strip("\n").replace("\n", "\r\n").encode(encoding)
