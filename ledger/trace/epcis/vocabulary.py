"""The words of GS1 CBV 2.0 (section 7) that events use, and the four ways of writing each.

`shipping`, `urn:epcglobal:cbv:bizstep:shipping`, `cbv:BizStep-shipping` and
`https://ref.gs1.org/cbv/BizStep-shipping` are one word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CBV = "https://ref.gs1.org/cbv/"
EPCIS = "https://ref.gs1.org/epcis/"
GS1_VOC = "https://gs1.org/voc/"
# Draft and plain-http spellings of the two namespaces that are still met.
_SPELLINGS = (
    ("https://ns.gs1.org/cbv/", CBV),
    ("http://ns.gs1.org/cbv/", CBV),
    ("http://ref.gs1.org/cbv/", CBV),
    ("http://gs1.org/voc/", GS1_VOC),
    ("https://www.gs1.org/voc/", GS1_VOC),
    ("http://www.gs1.org/voc/", GS1_VOC),
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One list of standard words. `web` is what stands before the word in its web URI, `urn` before it in its URN (""
    if none).
    """

    name: str
    web: str
    urn: str
    words: frozenset[str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BIZ_STEP = Vocabulary(
    "business step",
    f"{CBV}BizStep-",
    "urn:epcglobal:cbv:bizstep:",
    _words("""accepting arriving assembling collecting commissioning consigning creating_class_instance
    cycle_counting decommissioning departing destroying disassembling dispensing encoding entering_exiting
    holding inspecting installing killing loading other packing picking receiving removing repackaging repairing
    replacing reserving retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking
    storing transporting unloading unpacking void_shipping"""),
)
DISPOSITION = Vocabulary(
    "disposition",
    f"{CBV}Disp-",
    "urn:epcglobal:cbv:disp:",
    _words("""active available completeness_inferred completeness_verified conformant container_closed
    container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive
    mismatch_class mismatch_instance mismatch_quantity needs_replacement no_pedigree_match non_conformant
    non_sellable_other partially_dispensed recalled reserved retail_sold returned sellable_accessible
    sellable_not_accessible stolen unavailable unknown"""),
)
BIZ_TRANSACTION_TYPE = Vocabulary(
    "business transaction type",
    f"{CBV}BTT-",
    "urn:epcglobal:cbv:btt:",
    _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"),
)
SOURCE_DEST_TYPE = Vocabulary(
    "source or destination type",
    f"{CBV}SDT-",
    "urn:epcglobal:cbv:sdt:",
    _words("owning_party possessing_party location"),
)
ERROR_REASON = Vocabulary("error reason", f"{CBV}ER-", "urn:epcglobal:cbv:er:", _words("did_not_occur incorrect_data"))
COMPONENT = Vocabulary(
    "sensor component",
    f"{CBV}Comp-",
    "urn:epcglobal:cbv:comp:",
    _words("""x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing
    latitude longitude altitude"""),
)
EXCEPTION = Vocabulary("sensor exception", GS1_VOC, "", _words("ALARM_CONDITION ERROR_CONDITION"))
MEASUREMENT_TYPE = Vocabulary(
    "measurement type",
    GS1_VOC,
    "",
    _words("""AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
    Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
    ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
    Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux
    LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration
    MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power
    Pressure RadiantFlux RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle
    SpecificVolume Speed SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate
    VolumeFraction VolumetricFlux Wavenumber"""),
)
_BY_URN: tuple[Vocabulary, ...] = (
    BIZ_STEP,
    DISPOSITION,
    BIZ_TRANSACTION_TYPE,
    SOURCE_DEST_TYPE,
    ERROR_REASON,
    COMPONENT,
)


def expand_curie(text: str, prefixes: Mapping[str, str]) -> str:
    """`https://gs1.org/voc/Temperature` for `gs1:Temperature`; as it is where the prefix is not known (CBV 2.0
    section 8.9, rule 15).
    """
    prefix, colon, rest = text.partition(":")
    if colon and not rest.startswith("//"):
        namespace = prefixes.get(prefix)
        if namespace is not None:
            return namespace + rest
    return text


def kind_name(text: str, prefixes: Mapping[str, str]) -> str:
    """`ObjectEvent` for `epcis:ObjectEvent` or its web URI; other text as it is."""
    return expand_curie(text, prefixes).removeprefix(EPCIS)


def web_form(text: str) -> str:
    """A CBV URN or an older spelling of a CBV web URI as the web URI (rule 14); other text as it is."""
    if text.startswith("urn:epcglobal:cbv:"):
        for vocabulary in _BY_URN:
            if text.startswith(vocabulary.urn):
                return vocabulary.web + text[len(vocabulary.urn) :]
    elif text.startswith("http"):
        for spelling, standard in _SPELLINGS:
            if text.startswith(spelling):
                return standard + text[len(spelling) :]
    return text
