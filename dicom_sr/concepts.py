"""The concept names of the templates (PS3.16), each as the standard spells it."""

from pydicom.sr.coding import Code

from dicom_sr.code_table import PRIVATE_SCHEME

# Documents and their parts
IMAGING_MEASUREMENT_REPORT = Code("126000", "DCM", "Imaging Measurement Report")
DIAGNOSTIC_IMAGING_REPORT = Code("18748-4", "LN", "Diagnostic Imaging Report")
LANGUAGE = Code("121049", "DCM", "Language of Content Item and Descendants")
ENGLISH = Code("en", "RFC5646", "English")
PROCEDURE_REPORTED = Code("121058", "DCM", "Procedure reported")
IMAGING_PROCEDURE = Code("363679005", "SCT", "Imaging procedure")
COMMENT = Code("121106", "DCM", "Comment")

# CID 7009: why another document is named
REPLACED = Code("121360", "DCM", "Replaced report")
PRELIMINARY = Code("121362", "DCM", "Preliminary report")

# TID 2010 and CID 7010: rejection notes
KEY_OBJECT_DESCRIPTION = Code("113012", "DCM", "Key Object Description")
REJECTION_TITLES = {
    title.value: title
    for title in (
        Code("113001", "DCM", "Rejected for Quality Reasons"),
        Code("113037", "DCM", "Rejected for Patient Safety Reasons"),
        Code("113038", "DCM", "Incorrect Modality Worklist Entry"),
        Code("113039", "DCM", "Data Retention Policy Expired"),
    )
}
"""By their code values."""

# TID 1001 to 1004: who observed
OBSERVER_TYPE = Code("121005", "DCM", "Observer Type")
PERSON = Code("121006", "DCM", "Person")
PERSON_OBSERVER_NAME = Code("121008", "DCM", "Person Observer Name")
PERSON_OBSERVER_ORGANIZATION = Code("121009", "DCM", "Person Observer's Organization Name")
DEVICE = Code("121007", "DCM", "Device")
DEVICE_OBSERVER_UID = Code("121012", "DCM", "Device Observer UID")
DEVICE_OBSERVER_NAME = Code("121013", "DCM", "Device Observer Name")
DEVICE_OBSERVER_MANUFACTURER = Code("121014", "DCM", "Device Observer Manufacturer")
DEVICE_OBSERVER_MODEL_NAME = Code("121015", "DCM", "Device Observer Model Name")
DEVICE_OBSERVER_SERIAL_NUMBER = Code("121016", "DCM", "Device Observer Serial Number")

# TID 1600 to 1603: the image library
IMAGE_LIBRARY = Code("111028", "DCM", "Image Library")
IMAGE_LIBRARY_GROUP = Code("126200", "DCM", "Image Library Group")
MODALITY = Code("121139", "DCM", "Modality")
STUDY_DATE = Code("111060", "DCM", "Study Date")
TARGET_REGION = Code("123014", "DCM", "Target Region")
IMAGE_VIEW = Code("111031", "DCM", "Image View")
PATIENT_ORIENTATION_ROW = Code("111044", "DCM", "Patient Orientation Row")
PATIENT_ORIENTATION_COLUMN = Code("111043", "DCM", "Patient Orientation Column")
PIXEL_DATA_ROWS = Code("110910", "DCM", "Pixel Data Rows")
PIXEL_DATA_COLUMNS = Code("110911", "DCM", "Pixel Data Columns")
HORIZONTAL_PIXEL_SPACING = Code("111026", "DCM", "Horizontal Pixel Spacing")
VERTICAL_PIXEL_SPACING = Code("111066", "DCM", "Vertical Pixel Spacing")
SOURCE = Code("260753009", "SCT", "Source")

# TID 1500, 1501, 1410, 4019: measurements and evaluations
IMAGING_MEASUREMENTS = Code("126010", "DCM", "Imaging Measurements")
QUALITATIVE_EVALUATIONS = Code("C0034375", "UMLS", "Qualitative Evaluations")
MEASUREMENT_GROUP = Code("125007", "DCM", "Measurement Group")
TRACKING_IDENTIFIER = Code("112039", "DCM", "Tracking Identifier")
TRACKING_UID = Code("112040", "DCM", "Tracking Unique Identifier")
FINDING = Code("121071", "DCM", "Finding")
FINDING_SITE = Code("363698007", "SCT", "Finding Site")
LATERALITY = Code("272741003", "SCT", "Laterality")
ALGORITHM_NAME = Code("111001", "DCM", "Algorithm Name")
ALGORITHM_VERSION = Code("111003", "DCM", "Algorithm Version")
ALGORITHM_PARAMETERS = Code("111002", "DCM", "Algorithm Parameters")
IMAGE_REGION = Code("111030", "DCM", "Image Region")
CERTAINTY_OF_FINDING = Code("111012", "DCM", "Certainty of Finding")
NORMALITY = Code("121402", "DCM", "Normality")
PROCESSING_EQUIPMENT = Code("109102", "DCM", "Processing Equipment")

# TID 2000: the report and its sections, CID 7001 and CID 7002
FINDINGS_SECTION = Code("59776-5", "LN", "Findings")
IMPRESSIONS_SECTION = Code("19005-8", "LN", "Impressions")
IMPRESSION = Code("121073", "DCM", "Impression")
HISTORY = Code("11329-0", "LN", "History")
TECHNIQUE_SECTION = Code("55111-9", "LN", "Current Procedure Descriptions")
TECHNIQUE = Code("121065", "DCM", "Procedure Description")
COMPARISON_SECTION = Code("55114-3", "LN", "Prior Procedure Descriptions")
QUALITY_SECTION = Code("111050", "DCM", "Quality Assessment")
QUALITY_FINDING = Code("111052", "DCM", "Quality Finding")

# What no template has a name for, in our own scheme
NOTICE_SECTION = Code("NOTICE", PRIVATE_SCHEME, "About this report")
STATEMENTS_SECTION = Code("STATEMENTS", PRIVATE_SCHEME, "Findings coded by the AI")
SENTENCES_SECTION = Code("SENTENCES", PRIVATE_SCHEME, "Sentences of the AI and what they state")
RECORD = Code("RECORD", PRIVATE_SCHEME, "Record of the reading")
READING_ID = Code("READING-ID", PRIVATE_SCHEME, "Identity of the reading")
MODEL = Code("MODEL", PRIVATE_SCHEME, "Model")
MODEL_FAMILY = Code("MODEL-FAMILY", PRIVATE_SCHEME, "Family of the model")
MODEL_WEIGHTS = Code("MODEL-WEIGHTS", PRIVATE_SCHEME, "Hash of the model's weights (SHA-256)")
MODEL_DTYPE = Code("MODEL-DTYPE", PRIVATE_SCHEME, "Arithmetic of the model")
MODEL_DEVICE = Code("MODEL-DEVICE", PRIVATE_SCHEME, "Processor of the model")
MODEL_PROMPT = Code("MODEL-PROMPT", PRIVATE_SCHEME, "Version of the model's prompts")
MODEL_LICENCE = Code("MODEL-LICENCE", PRIVATE_SCHEME, "Licence of the model")
MODEL_USE = Code("MODEL-USE", PRIVATE_SCHEME, "Intended use of the model")
MODEL_CALIBRATION = Code(
    "MODEL-CALIB", PRIVATE_SCHEME, "Hash of the site's calibration of the scores"
)
MODEL_DEMO = Code("MODEL-DEMO", PRIVATE_SCHEME, "Demonstration model")
MODEL_LABEL = Code("MODEL-LABEL", PRIVATE_SCHEME, "Label that the model was trained on")
PROBABILITY = Code("PROBABILITY", PRIVATE_SCHEME, "Probability that the finding is present")
OWN_SCORE = Code("OWN-SCORE", PRIVATE_SCHEME, "Certainty before the site's calibration")
CHECK = Code("CHECK", PRIVATE_SCHEME, "Remark on the answer")
REMARK_CODE = Code("REMARK-CODE", PRIVATE_SCHEME, "Word for machines of a remark")
SITE_BASIS = Code("SITE-BASIS", PRIVATE_SCHEME, "Where the finding site is from")
FROM_LABEL = Code("FROM-LABEL", PRIVATE_SCHEME, "Usual site of the finding, none was named")
SAID_SIDE = Code("SAID-SIDE", PRIVATE_SCHEME, "Side in words on an unpaired structure")
YES = Code("373066001", "SCT", "Yes")
NO = Code("373067005", "SCT", "No")

# Units, UCUM
PERCENT = Code("%", "UCUM", "Percent")
PIXELS = Code("{pixels}", "UCUM", "Pixels")
MILLIMETER = Code("mm", "UCUM", "mm")
