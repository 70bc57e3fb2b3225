"""The one list of kinds of nodes and relations, with Chinese and English names and meanings.

A relation points from the knower towards the known. `effect` says what a fact of the kind does for the right to know:

    grant       opens a route (ending one never widens an audience)
    prohibition bars whoever it stands on (adding one never widens an audience)
    condition   a mark on the person's card that has to hold
    marking     what an item demands
    structure   how people, posts, departments and places hang together
    role        whose act something is
    custody     where a thing is and in whose hands
    entry       who may come into which place
    record      what has happened
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

Effect = Literal[
    "grant", "prohibition", "condition", "marking", "structure", "role", "custody", "entry", "record"
]


class Node(StrEnum):
    """The labels of the graph."""

    ORGANISATION = "Organisation"
    PERSON = "Person"
    POST = "Post"
    DEPARTMENT = "Department"
    PLACE = "Place"
    CONTAINER = "Container"
    DEVICE = "Device"
    DOCUMENT = "Document"
    FOLDER = "Folder"
    CARRIER = "Carrier"
    LEVEL = "Level"
    RANGE = "Range"
    DISTRIBUTION = "Distribution"
    SEAL = "Seal"
    CASE = "Case"


class NodeKind(msgspec.Struct, frozen=True):
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str


NODES: dict[Node, NodeKind] = {
    Node.ORGANISATION: NodeKind("单位", "Organisation", "本单位或外单位", "the unit itself or one outside"),
    Node.PERSON: NodeKind("人员", "Person", "一个人", "one human being"),
    Node.POST: NodeKind("岗位", "Post", "部门内的岗位", "a position in a department"),
    Node.DEPARTMENT: NodeKind(
        "部门", "Department", "内设部门或小组", "a department or group inside the unit"
    ),
    Node.PLACE: NodeKind("场所", "Place", "楼、房间、要害部位", "a building, room or key location"),
    Node.CONTAINER: NodeKind("柜", "Container", "保险柜、文件柜", "a safe or cabinet"),
    Node.DEVICE: NodeKind("设备", "Device", "终端、存储、办公设备", "a terminal, store or office machine"),
    Node.DOCUMENT: NodeKind("文件", "Document", "记载的内容", "the content recorded"),
    Node.FOLDER: NodeKind("卷", "Folder", "归档方案中的类目或案卷", "a class or file of the filing plan"),
    Node.CARRIER: NodeKind(
        "载体", "Carrier", "载有内容的一份实物或电子件", "one object that bears the content"
    ),
    Node.LEVEL: NodeKind(
        "密级", "Level", "密级，以及与之对应的涉密等级", "a level of secrecy and its clearance"
    ),
    Node.RANGE: NodeKind("知悉范围", "Range", "准予知悉者的名单", "the list of those who need to know"),
    Node.DISTRIBUTION: NodeKind(
        "发放范围", "Distribution", "制发机关限定的名单", "the originator's outer bound"
    ),
    Node.SEAL: NodeKind("印章", "Seal", "印章", "a seal"),
    Node.CASE: NodeKind("案件", "Case", "流程中的一件事", "one matter in a procedure"),
}


class Detail(msgspec.Struct, frozen=True):
    """One detail field of a fact: its type, and the closed list of its values where there is one."""

    type: Literal["text", "int", "bool"] = "text"
    values: tuple[str, ...] = ()
    required: bool = False


class RelationKind(msgspec.Struct, frozen=True):
    name: str
    zh: str
    en: str
    word: str
    effect: Effect
    sources: tuple[Node, ...]
    targets: tuple[Node, ...]
    meaning_zh: str
    meaning_en: str
    details: dict[str, Detail] = {}

    @property
    def lasting(self) -> bool:
        """Whether live questions still need the fact after its end: the sweep leaves these where they are."""
        return self.name in ("HOLDS_POST", "CLASSIFIED_AS", "HAS_KNOWN", "DESTROYED", "COOLING_OFF")


_P, _D, _O, _POST = Node.PERSON, Node.DEPARTMENT, Node.ORGANISATION, Node.POST
_PLACE, _BOX, _DEV = Node.PLACE, Node.CONTAINER, Node.DEVICE
_DOC, _CAR, _LEVEL = Node.DOCUMENT, Node.CARRIER, Node.LEVEL

UNDERTAKINGS = ("entry", "in_post", "leaving", "move", "exit", "acknowledgement")
"""责任书 at each stage and 承诺书 by purpose, one concept [C05]; acknowledgement is for unit-internal items [C20]."""

_SEALS = Detail(values=("official", "contract", "finance", "personal", "other"))
_LIST = (
    RelationKind("PART_OF", "隶属", "part of", "隶属", "structure", (_D, _POST, _PLACE, Node.FOLDER),
                 (_D, _O, _PLACE, Node.FOLDER), "下级属于上级", "a part belongs to a whole"),
    RelationKind("MEMBER_OF", "属于", "member of", "属于", "structure", (_P,), (_D, _O),
                 "人员属于部门", "a person belongs to a department",
                 {"standing": Detail(values=("staff", "seconded", "rehired", "retired", "service"))}),
    RelationKind("HOLDS_POST", "任职", "holds post", "任职", "structure", (_P,), (_POST,),
                 "人员在岗", "a person holds a post"),
    RelationKind("HAS_TASK", "承担任务", "has task", "任务", "structure", (_P,), (_LEVEL,),
                 "人员承担的涉密任务，及其密级", "a task a person works on, and its level",
                 {"task": Detail(required=True)}),
    RelationKind("DEPUTY_OF", "代理", "deputy of", "代理", "structure", (_P,), (_P,),
                 "在限定时间代办列明的事项", "stands in for somebody, for a time and for named acts",
                 {"acts": Detail(required=True)}),
    RelationKind("ASSESSED", "考核", "assessed", "考核", "record", (_P,), (_O,),
                 "保密考核的结果", "the result of an assessment of compliance",
                 {"result": Detail(values=("good", "competent", "poor"), required=True), "period": Detail()}),
    RelationKind("CLEARED_TO", "涉密等级", "cleared to", "涉密等级", "condition", (_P,), (_LEVEL,),
                 "人员被确定的涉密等级", "the clearance a person has been given",
                 {"basis": Detail(), "dated": Detail()}),
    RelationKind("VETTED", "通过审查", "vetted", "审查", "condition", (_P,), (_O, _D),
                 "保密审查通过", "passed the secrecy vetting",
                 {"conclusion": Detail(values=("passed", "failed"), required=True)}),
    RelationKind("ATTESTED", "审查证明", "attested", "证明", "record", (_P,), (_O,),
                 "保密审查对本人品行和社会关系的证明，只向领导小组公开",
                 "what a vetting attests of conduct and relations, for the leading group alone",
                 {"conduct": Detail("bool"), "relations": Detail("bool")}),
    RelationKind("SIGNED", "签订责任书", "signed", "责任书", "condition", (_P,), (_O, _D),
                 "签订保密责任书或承诺书", "signed an undertaking",
                 {"undertaking": Detail(values=UNDERTAKINGS, required=True), "version": Detail(),
                  "countersigned_by": Detail(), "scan": Detail(), "proof": Detail(values=("own", "paper"))}),
    RelationKind("TRAINED", "受教育", "trained", "教育", "condition", (_P,), (_O, _D),
                 "完成保密教育", "completed secrecy education",
                 {"course": Detail(values=("induction", "periodic"), required=True), "topic": Detail()}),
    RelationKind("DEPARTED", "擅自离职", "left without leave", "擅自离职", "prohibition", (_P,), (_O,),
                 "擅自离职，知悉权停止", "absent without leave: no access"),
    RelationKind("COOLING_OFF", "脱密期", "cooling off", "脱密期", "prohibition", (_P,), (_O,),
                 "脱密期管理，不得接触，直至解除", "in the cooling-off period, until released from it: no access",
                 {"level": Detail(), "ends": Detail()}),
    RelationKind("ANNOTATED", "档案注明", "annotated", "注明", "record", (_P,), (_O,),
                 "人事档案注明涉密身份和脱密期", "the personnel file states secret status and cooling-off",
                 {"level": Detail(), "starts": Detail(), "ends": Detail()}),
    RelationKind("CLASSIFIED_AS", "定密", "classified as", "定为", "marking", (_DOC, _POST), (_LEVEL,),
                 "文件或岗位的密级", "the level of a document or of a post",
                 {"expires": Detail(), "years": Detail("int")}),
    RelationKind("ORIGINATED_BY", "制发", "originated by", "制发机关", "marking", (_DOC,), (_O,),
                 "制发机关，及其是否允许复制", "the originator, and whether copying is allowed",
                 {"copying": Detail(values=("allowed", "forbidden"), required=True)}),
    RelationKind("DISTRIBUTION_OF", "发放名单", "distribution of", "限定", "marking", (Node.DISTRIBUTION,), (_DOC,),
                 "发放范围所限定的文件", "the document a distribution bounds"),
    RelationKind("RANGE_OF", "知悉名单", "range of", "准予知悉", "marking", (Node.RANGE,), (_DOC,),
                 "知悉范围所对应的文件", "the document a range opens"),
    RelationKind("IN_DISTRIBUTION", "列入发放范围", "in distribution", "列入发放范围", "grant", (_P, _D, _O),
                 (Node.DISTRIBUTION,), "在制发机关限定之内", "inside the originator's bound"),
    RelationKind("IN_RANGE", "列入知悉范围", "in range", "列入知悉范围", "grant", (_P, _D, _O, _POST),
                 (Node.RANGE,), "准予知悉", "listed as needing to know"),
    RelationKind("GRANTED_READ", "获准查阅", "granted reading", "获准查阅", "grant", (_P,), (_DOC,),
                 "经批准限期查阅", "allowed to read for a time", {"purpose": Detail()}),
    RelationKind("BARRED_FROM", "被排除", "barred from", "被排除", "prohibition", (_P, _D), (_DOC,),
                 "被主要负责人排除；随原文带来的注明原文", "excluded by the principal; where it came with a source, which one",
                 {"reason": Detail(), "carried_from": Detail()}),
    RelationKind("FILED_IN", "归入", "filed in", "归入", "custody", (_DOC,), (Node.FOLDER,),
                 "文件归入案卷", "the document is filed in a folder"),
    RelationKind("CARRIES", "载有", "carries", "载有", "custody", (_CAR,), (_DOC,),
                 "载体载有文件", "the carrier bears the document"),
    RelationKind("COPY_OF", "复制自", "copy of", "复制自", "custody", (_CAR,), (_CAR,),
                 "复制件来自原件", "the copy was made from that carrier",
                 {"mode": Detail(values=("copy", "scan", "print", "download"), required=True)}),
    RelationKind("EXTRACTED_FROM", "摘自", "extracted from", "摘自", "marking", (_DOC,), (_DOC,),
                 "摘录来自原文", "an extract of that document"),
    RelationKind("COMPILED_FROM", "汇编自", "compiled from", "汇编自", "marking", (_DOC,), (_DOC,),
                 "汇编包含该文件", "a compilation that contains that document"),
    RelationKind("HELD_BY", "在手", "held by", "在手", "custody", (_CAR,), (_P,),
                 "载体在其手中", "the carrier is in this person's hands",
                 {"reason": Detail(values=("custody", "loan", "circulation", "courier", "outing")), "due": Detail()}),
    RelationKind("KEPT_IN", "存放于", "kept in", "存放于", "custody", (_CAR, _BOX, _DEV), (_BOX, _PLACE, _DEV),
                 "存放在柜或室", "kept in a container, place or store"),
    RelationKind("COPY_APPROVED", "准予复制", "copying approved", "准予复制", "custody", (_CAR,), (_P,),
                 "准予复制或扫描，及经办人", "copying or scanning approved, and for whom",
                 {"mode": Detail(values=("copy", "scan", "print", "download"), required=True),
                  "copies": Detail("int"), "slip": Detail()}),
    RelationKind("ACCOMPANIED_BY", "同行", "accompanied by", "护送同行", "custody", (_CAR,), (_P,),
                 "护送或同行携带载体的人", "escorts the carrier or travels with it",
                 {"reason": Detail(values=("courier", "outing"), required=True)}),
    RelationKind("OUTING_APPROVED", "准予携带外出", "carrying out approved", "准予带出", "custody", (_CAR,), (_P,),
                 "准予携带外出，及携带人", "carrying it out of the unit approved, and to whom",
                 {"foreign": Detail("bool"), "abroad": Detail("bool"), "outside": Detail("bool"),
                  "permit": Detail(), "measures": Detail()}),
    RelationKind("SENT_TO", "已发往", "sent to", "已发往", "custody", (_CAR,), (_O,),
                 "载体已发往或退还该单位", "the carrier has gone to that organisation", {"receipt": Detail()}),
    RelationKind("RETURN_DUE", "应清退", "return due to", "应清退", "custody", (_CAR,), (_O,),
                 "发文机关要求退还", "the originator wants it back", {"by": Detail()}),
    RelationKind("MISSING", "下落不明", "missing", "下落不明", "record", (_CAR,), (_O,),
                 "清查时未见", "not found when it was looked for"),
    RelationKind("SEALED_WITH", "盖有", "sealed with", "盖有印章", "record", (_CAR,), (Node.SEAL,),
                 "复制件盖有印章", "the copy bears the seal", {"use": Detail(), "seal": _SEALS}),
    RelationKind("ARCHIVED_IN", "归档于", "archived in", "归档于", "custody", (_DOC,), (Node.FOLDER,),
                 "文件归档，及全宗与保管期限", "archived, with its fonds and retention",
                 {"fonds": Detail(required=True), "retention": Detail(required=True), "number": Detail()}),
    RelationKind("MAKES_FOR", "定点制作", "makes carriers for", "定点制作", "structure", (_PLACE, _O), (_O,),
                 "文印室或获准的定点制作单位", "the print room, or an approved place of production",
                 {"media": Detail(values=("paper", "other"), required=True), "paper": Detail()}),
    RelationKind("SHIELDED", "防电磁泄漏", "protected against emanation", "防泄漏", "marking", (_DEV,), (_O,),
                 "设备有防电磁泄漏措施", "equipment protected against emanation", {"certificate": Detail()}),
    RelationKind("DESTROYS_FOR", "准予销毁", "destroys carriers for", "准予销毁", "structure", (_DEV, _O), (_O,),
                 "达标的销毁设备或定点纸厂", "certified equipment or a designated mill", {"certificate": Detail()}),
    RelationKind("DESTROYED", "已销毁", "destroyed", "已销毁", "record", (_CAR,), (_O,),
                 "载体已销毁", "the carrier no longer exists", {"method": Detail()}),
    RelationKind("MAY_ENTER", "可进入", "may enter", "可进入", "entry", (_P,), (_PLACE,),
                 "列入进入人员范围", "on the entry list",
                 {"pair": Detail(), "monitored": Detail("bool")}),
    RelationKind("INSIDE", "在内", "inside", "在内", "entry", (_P,), (_PLACE,),
                 "已登记进入，尚未登记离开", "logged in and not yet out",
                 {"purpose": Detail(), "admitted_by": Detail(), "escort": Detail(), "pair": Detail(),
                  "monitored": Detail("bool"), "monitoring": Detail()}),
    RelationKind("LOCAL_RULES_OF", "本处保密办法", "local rules of", "本处办法", "record", (_DOC,), (_D, _PLACE),
                 "要害部门部位自己的保密办法", "the local secrecy rules of a key unit"),
    RelationKind("INSPECTED", "检查", "inspected", "检查", "record", (_P,), (_D, _PLACE),
                 "检查要害部门部位的环境和载体", "inspected the surroundings and carriers of a key unit"),
    RelationKind("HAZARD_AT", "隐患", "hazard at", "隐患", "record", (Node.CASE,), (_D, _PLACE),
                 "检查发现、尚未消除的隐患", "a hazard found and not yet removed", {"hazard": Detail()}),
    RelationKind("PROTECTED_BY", "防护", "protected by", "防护", "record", (_D, _PLACE), (_O,),
                 "人防、技防、物防中有效的一项", "a working measure: by people, technology or objects",
                 {"class": Detail(values=("people", "technology", "objects"), required=True), "measure": Detail()}),
    RelationKind("ANSWERS_FOR", "责任人", "answers for", "责任人", "structure", (_P,), (_PLACE, _BOX, _DEV),
                 "对办公室或设备的保密安全负责", "answers for the security of an office or equipment"),
    RelationKind("TRAVEL_ALLOWED", "准予因私出国", "travel allowed", "准予出国", "record", (_P,), (_O,),
                 "获准在这些日子因私出国（境）", "allowed to travel abroad privately on these days",
                 {"destination": Detail()}),
    RelationKind("SECURITY_CHECKED", "安全检查", "security checked", "安检", "record", (_DEV,), (_O,),
                 "进口设备已做安全检查", "imported equipment has been checked", {"report": Detail(required=True)}),
    RelationKind("ABROAD", "在境外", "abroad", "境外", "marking", (_O,), (_O,),
                 "该单位在境外", "the organisation is outside the country"),
    RelationKind("IMPORTED", "进口", "imported", "进口", "marking", (_DEV,), (_O,),
                 "设备是进口的", "the equipment is imported"),
    RelationKind("USED_IN", "启用于", "used in", "启用", "structure", (_DEV,), (_D, _PLACE),
                 "设备在该部门或场所启用", "the equipment is in use in this department or place"),
    RelationKind("HOLDS_KEY", "持有钥匙", "holds key", "持钥匙", "entry", (_P,), (_PLACE, _BOX),
                 "持有该室或该柜的钥匙或密码", "holds a key or the code of a room or container"),
    RelationKind("VISIT_APPROVED", "准予来访", "visit approved", "准予来访", "entry", (_P,), (_PLACE,),
                 "外来人员因公进入已获批准", "an outsider's visit on business has been approved",
                 {"by": Detail(), "purpose": Detail()}),
    RelationKind("KEY_UNIT_OF", "保密要害", "key unit of", "要害", "structure", (_D, _PLACE), (_O,),
                 "保密要害部门或部位", "a designated key department or key location",
                 {"control_area": Detail("bool")}),
    RelationKind("SECRET_ROOM_OF", "保密室", "secret room of", "保密室", "structure", (_PLACE,), (_O,),
                 "单位的保密室", "the unit's registry room"),
    RelationKind("MACHINE_ROOM_OF", "机房", "machine room of", "机房", "structure", (_PLACE,), (_O,),
                 "单位的机房", "a machine room of the unit"),
    RelationKind("ACCREDITED_FOR", "符合保密标准", "accredited for", "达标", "marking", (_DEV, _PLACE, _BOX), (_LEVEL,),
                 "达到处理该密级的标准", "meets the standard for this level", {"shared": Detail("bool")}),
    RelationKind("ENROLLED_AT", "登记于", "enrolled at", "登记于", "structure", (_DEV,), (_PLACE,),
                 "终端登记在该室使用", "a terminal enrolled for use in this room"),
    RelationKind("LEADER_OF", "主管领导", "leader of", "主管", "role", (_P,), (_O,), "本单位主管领导", "the leader in charge"),
    RelationKind("LEADING_GROUP_OF", "保密工作领导小组", "leading group of", "领导小组", "role", (_P,), (_O,),
                 "保密工作领导小组成员", "a member of the secrecy leading group",
                 {"seat": Detail(values=("chair", "secretary", "member"))}),
    RelationKind("SECURITY_OFFICER_OF", "保密办", "security officer of", "保密办", "role", (_P,), (_O,),
                 "保密办工作人员", "looks after clearance and access"),
    RelationKind("OFFICE_OF", "办公室", "office of", "办公室", "role", (_P,), (_O,),
                 "办公室审批人", "approves for the Office"),
    RelationKind("HEAD_OF", "部门负责人", "head of", "负责", "role", (_P,), (_D,), "部门负责人", "heads a department"),
    RelationKind("PRINCIPAL_OF", "主要负责人", "principal of", "主要负责", "role", (_P,), (_D, _PLACE),
                 "要害部门部位主要负责人", "answers for a key unit"),
    RelationKind("CUSTODIAN_OF", "保密员", "custodian of", "保管", "role", (_P,), (_O, _D, _PLACE, _BOX, _DEV),
                 "保密员", "keeps the carriers and their registers"),
    RelationKind("SEAL_KEEPER_OF", "印章管理员", "keeper of the seal", "管印", "role", (_P,), (Node.SEAL,),
                 "保管印章并审核用印", "keeps the seal and reviews its use", {"seal": _SEALS}),
    RelationKind("ARCHIVIST_OF", "档案员", "archivist of", "档案", "role", (_P,), (_O, _D),
                 "档案员", "registers and files documents"),
    RelationKind("GUARD_OF", "保卫部门", "guard of", "保卫", "role", (_P,), (_O,),
                 "保卫部门人员", "answers for safety on the premises"),
    RelationKind("ADMINISTRATOR_OF", "系统管理员", "administrator of", "管理", "role", (_P,), (_O,),
                 "系统管理员，不见内容", "runs the system, sees no content [G11]"),
    RelationKind("HAS_KNOWN", "已知悉", "has known", "已知悉", "record", (_P,), (_DOC,),
                 "已阅、经手或听取", "has read, handled or heard it",
                 {"mode": Detail(values=("read", "handled", "heard", "couriered"), required=True),
                  "reading": Detail(), "carrier": Detail()}),
)  # fmt: skip

RELATIONS: dict[str, RelationKind] = {kind.name: kind for kind in _LIST}
ROLES: tuple[str, ...] = tuple(kind.name for kind in _LIST if kind.effect == "role")
GRANTS: tuple[str, ...] = tuple(kind.name for kind in _LIST if kind.effect == "grant")
PROHIBITIONS: tuple[str, ...] = tuple(kind.name for kind in _LIST if kind.effect == "prohibition")
