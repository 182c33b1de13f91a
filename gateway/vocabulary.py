"""Words by which hand-written texts name body parts, views and animals, by language.

ASCII, lower case, without accents, as `gateway.header_words.words` gives them. A word that means
something else in another language is left out: a missed hint costs a film that is listed as not
read, a false one could let a wrong film be read.
"""

from collections.abc import Mapping
from typing import Final


def _all(by_language: Mapping[str, str]) -> frozenset[str]:
    return frozenset(word for line in by_language.values() for word in line.split())


CHEST: Final = _all(
    {
        "English": "chest cxr lung lungs",
        "Latin, many languages": "thorax thx",
        "German": "lunge lungen brustkorb",
        "French": "poumon poumons",
        "Spanish and Portuguese": "torax pulmon pulmones pulmao pulmoes",
        "Italian": "torace polmone polmoni",
        "Dutch": "borstkas longen",
        "Nordic": "brost bryst rintakeha keuhkot lungor",
        "Slavic": "hrudnik klatka toraks pluca",
    }
)
OTHER_PARTS: Final = _all(
    {
        "English, head and trunk": "abdomen abdominal abd kub pelvis head skull sinus sinuses nose"
        " nasal orbit mandible jaw teeth neck airway spine spinal cspine tspine lspine cervical"
        " thoracic lumbar sacrum coccyx rib ribs sternum breast mammo mammography babygram"
        " wholebody",
        "English, limbs": "shoulder scapula clavicle arm humerus elbow forearm radius ulna wrist"
        " hand hands finger fingers thumb hip hips femur knee knees patella leg legs tibia fibula"
        " ankle heel calcaneus foot feet toe toes extremity extremities",
        "German": "bauch becken kopf schadel schaedel nnh kiefer unterkiefer zahn hals"
        " wirbelsaule wirbelsaeule hws bws lws rippe rippen hemithorax brustbein mamma schulter"
        " clavicula klavikula schlusselbein oberarm unterarm ellenbogen handgelenk daumen hufte"
        " huefte oberschenkel knie bein unterschenkel sprunggelenk ferse fuss zehe zehen"
        " extremitat ganzkorper",
        "French": "bassin crane tete rachis cotes epaule coude poignet hanche genou jambe cheville"
        " pied",
        "Spanish and Portuguese": "craneo cranio cabeza cuello columna costillas costelas hombro"
        " ombro codo muneca mano cadera quadril rodilla joelho pierna perna tobillo",
        "Italian": "bacino collo colonna coste spalla gomito polso anca ginocchio gamba caviglia"
        " piede",
        "Dutch": "buik bekken schedel schouder elleboog pols heup enkel voet",
    }
)
ANIMALS: Final = _all(
    {
        "English": "canine feline equine bovine ovine porcine avian veterinary dog horse",
        "German": "hund katze pferd",
        "French": "chien",
        "Spanish and Portuguese": "perro gato",
        "Italian": "cavallo",
    }
)
PA: Final = _all({"Latin": "pa posteroanterior", "Spanish": "posteroanteriores"})
AP: Final = _all({"Latin": "ap anteroposterior", "Spanish": "anteroposteriores"})
FRONTAL: Final = _all(
    {"English": "frontal front", "French": "face", "Italian": "frontale", "Spanish": "frente"}
)
LATERAL: Final = _all(
    {
        "English": "lat lateral llat rlat latl latr ll rl",
        "Latin": "lateralis laterolateral",
        "German": "seitlich seitl",
        "French": "profil",
        "Spanish and Portuguese": "perfil",
        "Italian": "laterale profilo laterali",
        "Dutch": "dwars zijdelings",
        "Nordic": "sidebild sidebilde",
        "Slavic": "bok boczne",
    }
)
OBLIQUE: Final = _all(
    {
        "English": "oblique obliques obl lao rao lpo rpo llo rlo",
        "German": "schrag schraeg",
        "Latin and Romance": "obliqua obliquo oblicua oblicuo",
    }
)
DECUBITUS: Final = _all(
    {
        "English": "decubitus decub lld rld",
        "German": "seitenlage",
        "Romance": "decubito",
    }
)
LORDOTIC: Final = _all({"English": "lordotic", "German": "lordotisch", "Romance": "lordotica"})
PORTABLE: Final = _all(
    {
        "English": "portable mobile bedside",
        "German": "bettaufnahme bettlunge bettthorax",
        "Dutch": "bedfoto",
        "Spanish and Portuguese": "portatil",
        "Italian": "portatile",
    }
)
SUPINE: Final = _all(
    {
        "English": "supine recumbent semirecumbent",
        "German": "liegend",
        "Dutch": "liggend",
        "Romance": "supino supina",
    }
)
UPRIGHT: Final = _all(
    {
        "English": "upright erect standing",
        "German": "stehend stehen",
        "Dutch": "staand",
        "Italian": "ortostasi",
        "Spanish": "bipedestacion",
    }
)
