"""What a model will get before a run, and whether the installation is sound."""

from memeprobe.doctor.finding import Finding
from memeprobe.doctor.installation import installation
from memeprobe.doctor.memory import fits
from memeprobe.doctor.model import examine

__all__ = ["Finding", "examine", "fits", "installation"]
