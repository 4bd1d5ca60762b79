"""Small catalogues of every format, made by the tests."""

import json
from typing import Any

from procurement.catalogues import Catalogue, Entry, Kind, Report, read_catalogue, report_on

CONTROL = {
    "id": "ac-2",
    "class": "SP800-53",
    "title": "Account Management",
    "params": [
        {"id": "ac-2_prm_1", "label": "frequency"},
        {
            "id": "ac-2_prm_2",
            "select": {
                "how-many": "one-or-more",
                "choice": ["weekly", "every {{ insert: param, ac-2_prm_1 }}"],
            },
        },
    ],
    "props": [{"name": "label", "value": "AC-2"}],
    "parts": [
        {
            "id": "ac-2_smt",
            "name": "statement",
            "prose": "The organization:",
            "parts": [
                {"name": "item", "props": [{"name": "label", "value": "a."}], "prose": "Names accounts;"},
                {
                    "name": "item",
                    "props": [{"name": "label", "value": "b."}],
                    "prose": "Reviews them {{ insert: param, ac-2_prm_1 }}"
                    " or {{ insert: param, ac-2_prm_2 }}.",
                },
            ],
        },
        {"name": "guidance", "prose": "Accounts are *many*."},
    ],
    "controls": [
        {
            "id": "ac-2.1",
            "class": "SP800-53-enhancement",
            "title": "Automation",
            "parts": [{"name": "statement", "prose": "Automate."}],
        },
        {
            "id": "ac-2.2",
            "class": "SP800-53-enhancement",
            "title": "Gone",
            "props": [{"name": "status", "value": "withdrawn"}],
            "links": [{"rel": "incorporated-into", "href": "#ac-2"}],
        },
    ],
}

OSCAL: dict[str, Any] = {
    "catalog": {
        "uuid": "d0772336-a368-4335-947d-cdf8d86f4015",
        "metadata": {"title": "TINY - A tiny catalogue", "version": "1.0", "parties": [{"name": "Us"}]},
        "groups": [{"id": "ac", "class": "family", "title": "Access Control", "controls": [CONTROL]}],
    }
}

OSCAL_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0" uuid="d0772336-a368-4335-947d-cdf8d86f4015">
 <metadata><title>TINY - A tiny catalogue</title><version>1.0</version>
  <party><name>Us</name></party></metadata>
 <group id="ac" class="family"><title>Access Control</title>
  <control id="ac-2" class="SP800-53"><title>Account Management</title>
   <param id="ac-2_prm_1"><label>frequency</label></param>
   <param id="ac-2_prm_2"><select how-many="one-or-more"><choice>weekly</choice>
     <choice>every <insert type="param" id-ref="ac-2_prm_1"/></choice></select></param>
   <prop name="label" value="AC-2"/>
   <part id="ac-2_smt" name="statement"><p>The organization:</p>
    <part name="item"><prop name="label" value="a."/><p>Names accounts;</p></part>
    <part name="item"><prop name="label" value="b."/>
     <p>Reviews them <insert type="param" id-ref="ac-2_prm_1"/> or
        <insert type="param" id-ref="ac-2_prm_2"/>.</p></part></part>
   <part name="guidance"><p>Accounts are <em>many</em>.</p></part>
   <control id="ac-2.1" class="SP800-53-enhancement"><title>Automation</title>
    <part name="statement"><p>Automate.</p></part></control>
   <control id="ac-2.2" class="SP800-53-enhancement"><title>Gone</title>
    <prop name="status" value="withdrawn"/><link rel="incorporated-into" href="#ac-2"/></control>
  </control></group></catalog>"""

PROFILE: dict[str, Any] = {
    "profile": {
        "uuid": "1",
        "metadata": {"title": "TINY LOW", "version": "1.0"},
        "imports": [{"href": "#2", "include-controls": [{"with-ids": ["ac-2"]}]}],
        "merge": {"as-is": True},
        "modify": {
            "set-parameters": [{"param-id": "ac-2_prm_1", "values": ["monthly"]}],
            "alters": [
                {
                    "control-id": "ac-2",
                    "removes": [{"by-name": "guidance"}],
                    "adds": [{"by-id": "ac-2_smt", "parts": [{"name": "item", "prose": "Ours."}]}],
                }
            ],
        },
        "back-matter": {"resources": [{"uuid": "2", "rlinks": [{"href": "../xml/tiny_catalog.xml"}]}]},
    }
}

ASVS = {
    "Name": "Project",
    "ShortName": "ASVS",
    "Version": "9.0.0",
    "Requirements": [
        {
            "Shortcode": "V1",
            "Name": "Encoding",
            "Items": [
                {
                    "Shortcode": "V1.1",
                    "Name": "Architecture",
                    "Items": [
                        {"Shortcode": "V1.1.1", "Description": "Verify one.", "L": "1"},
                        {"Shortcode": "V1.1.2", "Description": "Verify two.", "L": "3"},
                    ],
                }
            ],
        }
    ],
}

_ROW = "<item><Shortcode>{0}</Shortcode><Description>{1}</Description><L>{2}</L></item>"
ASVS_XML = (
    "<root><ShortName>ASVS</ShortName><Version>9.0.0</Version><Requirements><item><Shortcode>V1</Shortcode>"
    "<Name>Encoding</Name><Items><item><Shortcode>V1.1</Shortcode><Name>Architecture</Name><Items>"
    + _ROW.format("V1.1.1", "Verify one.", "1")
    + _ROW.format("V1.1.2", "Verify two.", "3")
    + "</Items></item></Items></item></Requirements></root>"
).encode()

ASVS_CSV = (
    b"chapter_id,chapter_name,section_id,section_name,req_id,req_description,L\n"
    b"V1,Encoding,V1.1,Architecture,V1.1.1,Verify one.,1\n"
    b"V1,Encoding,V1.1,Architecture,V1.1.2,Verify two.,3\n"
)

CYCLONEDX: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "definitions": {
        "standards": [
            {
                "bom-ref": "ASVS-9.0.0",
                "name": "ASVS",
                "version": "9.0.0",
                "requirements": [
                    {"bom-ref": "V1", "identifier": "V1", "title": "Encoding"},
                    {"bom-ref": "V1.1", "identifier": "V1.1", "title": "Architecture", "parent": "V1"},
                    {"bom-ref": "V1.1.1", "identifier": "V1.1.1", "text": "Verify one.", "parent": "V1.1"},
                    {"bom-ref": "V1.1.2", "identifier": "V1.1.2", "text": "Verify two.", "parent": "V1.1"},
                ],
                "levels": [
                    {"bom-ref": "level-1", "identifier": "Level 1", "requirements": ["V1.1.1"]},
                    {"bom-ref": "level-2", "identifier": "Level 2", "requirements": []},
                    {"bom-ref": "level-3", "identifier": "Level 3", "requirements": ["V1.1.2"]},
                ],
            }
        ]
    },
}

LIST = b"""groups:
  - id: AC
    title: Access Control
controls:
  - id: OSPS-AC-01
    title: Use MFA
    objective: Fewer takeovers.
    group: AC
    assessment-requirements:
      - id: OSPS-AC-01.01
        text: |
          MFA MUST be used.
        applicability: [maturity-1, maturity-2]
        recommendation: Passkeys are fine.
      - id: OSPS-AC-01.02
        text: Retired in 443
        applicability: [maturity-1]
        state: Retired
"""
LIST_METADATA = b"""title: Open Source Baseline
metadata:
  id: osps-baseline
  version: 2026.10
  author: {name: Authors}
  applicability-groups:
    - {id: maturity-1, title: Level 1}
    - {id: maturity-2, title: Level 2}
"""

ANNEX_CSV = (
    "\ufeffid,item_no,domain,category,level,text,source_remark\n"
    "TW-A10-AC-01,1,存取控制,帳號管理,普,建立帳號管理機制。,\n"
    "TW-A10-AC-02,2,存取控制,帳號管理,高,監控資通系統帳號。,原中級移列\n"
    "TW-A10-IA-08,43,識別與鑑別,身分驗證管理,普,第四點及第五點所定措施，對外部使用者，得自行規範。,\n"
).encode()

TABLE = b"id,title,text,level\nA-1,One,Do one.,1\nA-2,Two,Do two.,2\n"


def dumped(document: Any) -> bytes:
    """A document as JSON."""
    return json.dumps(document, ensure_ascii=False).encode()


def read(name: str, content: Any, **more: Any) -> Catalogue:
    """The catalogue of a file; a document is written as JSON first."""
    return read_catalogue(name, content if isinstance(content, bytes) else dumped(content), **more)


def report(name: str, content: Any, **more: Any) -> Report:
    """The dry run of a file."""
    return report_on(read(name, content, **more))


def ids(catalogue: Catalogue, kind: Kind) -> list[str]:
    """The identifiers of the rows of a kind, in order."""
    return [entry.id for entry in catalogue.entries if entry.kind is kind]


def entry_of(catalogue: Catalogue, identifier: str) -> Entry:
    """The row of that identifier."""
    return next(entry for entry in catalogue.entries if entry.id == identifier)
