"""Names of persons and firms that reports hold as words of medicine.

Devices, signs, diseases and operations; a capitalised word that is here names no patient and no
colleague. In lower case, compounds in their parts.
"""

from typing import Final

_DEVICES: Final = """
swan ganz port cath hickman dobhoff dobbhoff levin salem ewald cantor sengstaken blakemore
minnesota foley jackson pratt blake penrose heimlich mediport quinton tenckhoff broviac groshong
permacath vas tesio shiley bjork starr edwards carpentier medtronic boston scientific jude
amplatzer watchman mitraclip cardiomems heartmate impella harrington luque steinmann kirschner
nuss ravitch yankauer denver leveen mahurkar thoracentesis pleurx pigtail
"""
_SIGNS: Final = """
kerley hampton westermark fleischner chilaiditi morgagni bochdalek ghon ranke pancoast golden
luftsichel felson hoffman schmorl cobb monteggia galeazzi colles hill sachs bankart salter harris
neer rigler cupola naclerio hamman bergqvist fleischner rasmussen virchow luschka sibson
"""
_DISEASES: Final = """
kartagener eisenmenger fallot ebstein scimitar hodgkin kaposi castleman wegener churg strauss
langerhans bechterew scheuermann paget ewing mounier kuhn williams campbell swyer james macleod
poland marfan ehlers danlos sprengel klippel feil down turner noonan mendelson loeffler loffler
goodpasture caplan rich meigs dressler budd chiari zenker boerhaave mallory weiss barrett sjogren
raynaud crohn legionnaires pott takayasu kawasaki erdheim chester pneumocystis potter
"""
_OPERATIONS: Final = """
nissen ivor lewis whipple fontan glenn blalock taussig norwood rastelli mustard senning ross
bentall clagett eloesser heller roux belsey toupet dor monaldi chamberlain
"""
EPONYMS: Final = frozenset(f"{_DEVICES} {_SIGNS} {_DISEASES} {_OPERATIONS}".split())
"""All of them."""
