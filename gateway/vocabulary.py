# ruff: noqa: RUF001 - other scripts have letters that look like Latin ones
"""Words by which hand-written texts name body parts, views and animals, by language.

Written as people write them; they are compared without case and marks, as
`gateway.header_words.words` splits texts. A word that means something else in another language is
left out: a missed hint costs a film that is listed as not read, or asked of its pixels; a false one
could let a wrong film be read. Of a text that names the chest and another part, the other counts.
"""

from collections.abc import Mapping
from typing import Final

from gateway.header_words import folded


def _all(by_language: Mapping[str, str]) -> frozenset[str]:
    return frozenset(folded(word) for line in by_language.values() for word in line.split())


CHEST: Final = _all(
    {
        "English": "chest cxr lung lungs chestpa chestap chestlat portchest chestport chestportable"
        " pedchest",
        "Latin, many languages": "thorax thx toraks teletorax thoraxpa thoraxap",
        "German": "lunge lungen brustkorb thoraxaufnahme thoraxübersicht röntgenthorax"
        " lungenaufnahme lungenübersicht bettthorax bettlunge thoraxröntgen",
        "French": "poumon poumons pulmonaire poitrine thoracique",
        "Spanish and Portuguese": "tórax pulmón pulmones pulmão pulmões pecho",
        "Italian and Romanian": "torace polmone polmoni plămâni pulmonar petto",
        "Dutch": "borstkas longen longfoto thoraxfoto",
        "Nordic": "bröst bryst rintakehä keuhkot keuhkokuva lungor lunger lungröntgen"
        " thoraxröntgen thoraxbild thoraxbilde",
        "Polish": "klatka klatki płuca płuc",
        "Czech, Slovak, South Slavic": "hrudník hrudníku plíce plic pľúca pluća pljuča",
        "Hungarian, Baltic": "mellkas mellkasi tüdő rindkere kopsud krūtinės",
        "Turkish": "göğüs akciğer",
        "Vietnamese, Indonesian": "ngực phổi dada paru",
        "Russian, Ukrainian, Bulgarian": "огк торакс лёгкие легких лёгкое клетка клетки клітки"
        " легені дроб",
        "Greek": "θώραξ θώρακας θώρακος θώρακα",
        "Arabic": "صدر الصدر رئة الرئة الرئتين للصدر",
        "Hebrew": "חזה ריאות",
        "Japanese": "胸部 胸 肺 肺野",
        "Chinese": "胸部 胸片 胸透 胸正位 胸正侧位 胸正側位 胸侧位 胸側位 肺部 双肺 雙肺",
        "Korean": "흉부 가슴 폐",
        "Thai": "ทรวงอก ปอด",
    }
)
OTHER_PARTS: Final = _all(
    {
        "English, head and trunk": "abdomen abdominal abd kub pelvis head skull sinus sinuses nose"
        " nasal orbit mandible jaw teeth neck airway spine spinal cspine tspine lspine cervical"
        " thoracic lumbar sacrum coccyx rib ribs sternum breast mammo mammography babygram"
        " wholebody chestabdomen chestabd thoracoabdominal bowel facial scoliosis trunk torso"
        " clavicles esophagus oesophagus costal stomach gi",
        "English, limbs": "shoulder scapula clavicle arm humerus elbow forearm radius ulna wrist"
        " hand hands finger fingers thumb hip hips femur knee knees patella leg legs tibia fibula"
        " ankle heel calcaneus foot feet toe toes extremity extremities joint joints acjoint"
        " acjoints scjoint scjoints",
        "German": "bauch becken kopf schädel schaedel nnh kiefer unterkiefer zahn hals"
        " wirbelsäule wirbelsaeule hws bws lws rippe rippen hemithorax brustbein mamma schulter"
        " clavicula klavikula schlüsselbein oberarm unterarm ellenbogen handgelenk daumen hüfte"
        " huefte oberschenkel knie bein unterschenkel sprunggelenk ferse fuß zehe zehen"
        " extremität ganzkörper abdomenübersicht beckenübersicht hüftgelenk kniegelenk"
        " schultergelenk",
        "French": "bassin crâne tête rachis côtes gril épaule coude poignet hanche genou jambe"
        " cheville pied doigt doigts clavicule colonne vertébral vertébrale",
        "Spanish and Portuguese": "cráneo crânio cabeza cuello columna coluna costillas costelas"
        " hombro ombro codo muñeca mano mão cadera quadril rodilla joelho pierna perna tobillo"
        " tornozelo abdome bacia punho parrilla gradil",
        "Italian and Romanian": "bacino collo colonna coste spalla gomito polso anca ginocchio"
        " gamba caviglia piede addome cranio umăr genunchi",
        "Dutch": "buik bekken schedel schouder elleboog pols heup enkel voet wervelkolom ribben"
        " buikoverzicht",
        "Nordic": "buk bäcken bækken skulder handled hånd håndled höft hofte knä kne ankel fot fod"
        " rygg ryg bröstrygg ländrygg halsrygg albue polvi olkapää lonkka käsi vatsa",
        "Polish": "brzuch brzucha jamy kręgosłup kręgosłupa miednica miednicy ręka dłoń stopa"
        " kolano kolana bark żebra żeber czaszka",
        "Czech, Slovak, South Slavic": "břicho břicha páteř páteře pánev ruka noha koleno rameno"
        " žebra lebka kuk trbuh kralježnica zdjelica",
        "Hungarian": "gerinc medence térd váll kéz csípő",
        "Turkish": "karın batın diz omuz dirsek kalça kafa boyun omurga ayak",
        "Vietnamese, Indonesian": "bụng perut",
        "Russian, Ukrainian": "брюшной живот таз таза череп черепа кисть кисти стопа стопы колено"
        " коленный коленного плечо плечевой позвоночник позвоночника рёбра ребер шейный поясничный"
        " тазобедренный локтевой голеностопный хребет хребта брюшная брюшную живота грудина"
        " грудины ключица ключицы лопатка лопатки сустав сустава черевна",
        "Greek": "κοιλιά κοιλίας λεκάνη λεκάνης κρανίο γόνατο",
        "Arabic": "بطن البطن يد اليد قدم القدم ركبة الركبة حوض الحوض كتف الكتف العمود الفقري",
        "Hebrew": "בטן אגן ברך כתף",
        "Japanese": "腹部 胸腹 骨盤 頭部 頭蓋 頚椎 頸椎 胸椎 腰椎 胸腰椎 脊椎 肋骨 胸骨 鎖骨"
        " 肩 肩関節 肩甲 上腕 前腕 肘 肘関節 手関節 手指 手部 股関節"
        " 大腿 膝 膝関節 下腿 足関節 足部 足趾 副鼻腔 顎 乳房 乳腺",
        "Chinese": "骨盆 头颅 頭顱 颅骨 颈椎 脊柱 锁骨 肩关节 肘关节 腕关节"
        " 手正 髋关节 膝关节 踝关节 足正 鼻窦 股骨 四肢 上肢 下肢 腰骶 尾椎"
        " 肩關節 膝關節 髖關節 踝關節 全腹 立位腹 胸肋",
        "Korean": "복부 골반 두개 경추 흉추 요추 척추 늑골 어깨 견관절 팔꿈치 손목 고관절"
        " 무릎 슬관절 발목 부비동 유방 쇄골 흉골 흉복부 대퇴",
        "Thai": "ทอง เขา",
    }
)
FIXED_PARTS: Final = _all(
    {
        "DICOM": "abdomenpelvis abdominalaorta adrenal anus aorta appendix artery axilla back"
        " bladder brain bronchus buttock calf carotid cerebellum cervix colon coronaryartery"
        " duodenum ear eye gallbladder groin headneck heart iac ileum ilium jejunum kidney larynx"
        " liver maxilla mastoid mediastinum mouth neckchest optic ovary pancreas parotid penis"
        " perineum pharynx prostate rectum sellaturcica sijoint spleen testis thigh thymus thyroid"
        " tmj tongue trachea ureter urethra uterus vagina zygoma",
    }
)
"""Other values of Body Part Examined (PS3.16 annex L); in texts they may stand beside the chest."""
ANIMALS: Final = _all(
    {
        "English": "canine feline equine bovine ovine porcine avian dog horse",
        "German": "hund katze pferd",
        "French": "chien",
        "Spanish and Portuguese": "perro gato",
        "Italian": "cavallo",
        "Japanese and Chinese": "動物 动物 獣医 犬科",
    }
)
VETERINARY: Final = _all(
    {
        "English": "veterinary vet",
        "German": "tierarzt tierärzte tierarztpraxis tierklinik tierspital veterinär",
        "French": "vétérinaire",
        "Spanish, Portuguese, Italian": "veterinario veterinaria veterinária veterinário",
    }
)
"""Names of places, which no person's surname is."""
PA: Final = _all(
    {
        "Latin": "pa posteroanterior papl paerect pagrid postanterior chestpa thoraxpa",
        "Romance": "posteroanteriores posteroanteriore postéroantérieur",
        "Dutch": "achtervoorwaarts",
        "Slavic": "zadopřední tylnoprzednie tylnoprzedni заднепередняя",
        "Japanese": "背腹",
        "Chinese": "后前位 後前位 后前 後前",
        "Korean": "후전 후전면",
    }
)
AP: Final = _all(
    {
        "Latin": "ap anteroposterior aperect apsupine apport apportable aplying apgrid chestap"
        " thoraxap",
        "Romance": "anteroposteriores anteroposteriore antéropostérieur",
        "Dutch": "voorachterwaarts",
        "Slavic": "předozadní przedniotylne переднезадняя",
        "Japanese": "腹背",
        "Chinese": "前后位 前後位 前后 前後",
        "Korean": "전후 전후면",
    }
)
FRONTAL: Final = _all(
    {
        "English": "frontal front",
        "French": "face",
        "Italian": "frontale",
        "Spanish": "frente",
        "Dutch": "frontaal",
        "Vietnamese": "thẳng",
        "Russian": "прямая прямой фронтальная пряма",
        "Arabic": "أمامي أمامية الأمامي",
        "Japanese": "正面",
        "Chinese": "正位 胸正 正侧位 正側位 正侧 正側 正面",
        "Korean": "정면 전면",
    }
)
LATERAL: Final = _all(
    {
        "English": "lat lateral laterals llat rlat latl latr ll rl xtable crosstable chestlat"
        " latchest sideview",
        "Latin": "lateralis laterolateral",
        "German": "seitlich seitl seitliche seitaufnahme",
        "French": "profil latéral latérale",
        "Spanish and Portuguese": "perfil laterales",
        "Italian": "laterale profilo laterali laterolaterale",
        "Dutch": "dwars zijdelings lateraal zijwaarts",
        "Nordic": "sidebild sidebilde sidobild sidebillede sida sivukuva sivu sivulta sivusuunta",
        "Slavic": "bok boczne boczna boczny boční bočně bočna bočni bočná bočný bočno"
        " profilna stransko stranska stranski",
        "Hungarian": "oldal oldalirányú oldalfelvétel oldalról",
        "Baltic": "šoninė šoninis šonu sānu sāniski külg külgvaade külgülesvõte külgmine",
        "Turkish": "yan",
        "Vietnamese": "nghiêng",
        "Russian": "боковая боковой бок бічна латеральная бокова боковую",
        "Bulgarian": "профил профилна странично странична",
        "Greek": "πλάγια πλαγία",
        "Arabic": "جانبي جانبية الجانبي",
        "Hebrew": "צד צידי צדדי",
        "Japanese": "側面 側位",
        "Chinese": "侧位 侧面 正侧 正側",
        "Korean": "측면 측위",
        "Thai": "ดานขาง",
    }
)
SIDES: Final = _all(
    {
        "English": "side left right lt rt lr",
        "German": "links rechts li re anl anliegend ebene ebenen",
        "Romance": "gauche droit droite izquierda izquierdo izq derecha derecho esquerda esquerdo"
        " direita sinistra sinistro destra destro",
    }
)
"""Words that are often all that is said of a lateral, but may speak of anything on a frontal."""
OBLIQUE: Final = _all(
    {
        "English": "oblique obliques obl lao rao lpo rpo llo rlo",
        "German": "schräg schraeg",
        "Latin and Romance": "obliqua obliquo oblicua oblicuo oblícua",
        "Dutch and Nordic": "schuin skrå snett",
        "Slavic": "skośne šikmý косая",
        "Japanese and Chinese": "斜位 斜面",
        "Korean": "전사위 후사위 사면",
    }
)
DECUBITUS: Final = _all(
    {
        "English": "decubitus decub lld rld",
        "German": "seitenlage linksseitenlage rechtsseitenlage",
        "Romance": "decúbito",
        "Dutch": "zijligging",
        "Nordic": "sidoläge sideleie",
        "Japanese and Chinese": "側臥位 側臥 侧卧位 侧卧 デクビタス",
        "Korean": "측와위",
    }
)
LORDOTIC: Final = _all(
    {
        "English": "lordotic apical",
        "German": "lordotisch",
        "Romance": "lordótica lordotica apicolordotica",
        "Japanese and Chinese": "肺尖 前弓位",
    }
)
OTHER_VIEWS: Final = _all(
    {
        "English": "axial tangential swimmers skyline sunrise mortise waters towne caldwell mlo"
        " sunset inlet outlet froglegs frogleg transthoracic",
        "German": "axiale tangentiale",
        "Japanese and Chinese": "軸位 轴位",
    }
)
"""Views of other parts, and projections that no frontal chest film has."""
NO_PLAIN_FILM: Final = _all(
    {
        "English": "bone suppress suppressed suppression subtracted subtraction dualenergy dts"
        " tomosynthesis tomo tomography tomographic tomogram phantom dummy qa qc testpattern"
        " flatfield calibration barium swallow esophagram esophagogram oesophagogram fluoroscopy"
        " fluoroscopic fluoro video cine screenshot reject rejected",
        "German": "subtraktion doppelenergie knochenbild weichteilbild tomosynthese tomographie"
        " tomografie testbild prüfkörper konstanzprüfung breischluck ösophagusbreischluck"
        " durchleuchtung",
        "Romance": "soustraction tomosynthèse baryum scopie tomosíntesis tomossíntese tomosintesi"
        " tomografía tomografia sustracción subtração sottrazione bario bário esofagograma"
        " fluoroscopia fantoma fantôme",
        "Dutch, Nordic": "tomosyntes fluoroscopie fantoom genomlysning",
        "Slavic": "tomosynteza fantom томосинтез томография томограмма фантом барий барием"
        " рентгеноскопия",
        "Japanese and Chinese": "断層 断层 透視 透视 造影 ファントム 体模 模体 钡餐 吞钡",
        "Korean": "팬텀 투시 조영",
    }
)
"""Pictures in a film's class that are no plain film of a patient."""
NO_PLAIN_FILM_PHRASES: Final = (
    "dual energy",
    "soft tissue",
    "test pattern",
    "test image",
    "flat field",
    "contrast study",
    "screen save",
)
PORTABLE: Final = _all(
    {
        "English": "portable mobile bedside",
        "German": "bettaufnahme bettlunge bettthorax",
        "Dutch": "bedfoto",
        "Spanish and Portuguese": "portátil",
        "Italian": "portatile",
        "Japanese": "ポータブル ポータ",
        "Chinese": "床旁 床边 床邊",
    }
)
SUPINE: Final = _all(
    {
        "English": "supine recumbent semirecumbent",
        "German": "liegend",
        "Dutch": "liggend",
        "Nordic": "liggande liggende",
        "Romance": "supino supina",
        "Japanese and Chinese": "臥位 仰臥位 仰卧位 仰卧",
        "Korean": "앙와위",
    }
)
UPRIGHT: Final = _all(
    {
        "English": "upright erect standing",
        "German": "stehend stehen",
        "Dutch": "staand",
        "Nordic": "stående",
        "Italian": "ortostasi",
        "Spanish": "bipedestación",
        "Japanese and Chinese": "立位 站立",
        "Korean": "기립",
    }
)
