"""Settings: the file of settings as written, checked as a whole, and resolved into plain frozen values.

Only this room reads the environment and the file; everything after start-up sees ``resolved.Settings``.
Nothing here opens a database, makes a key or asks a provider: ``jitney doctor`` does that.
"""

from jitney.settings.faults import SettingFault
from jitney.settings.loading import Reading, load_settings, read_settings
from jitney.settings.master_key import MasterKeys, load_master_keys
from jitney.settings.resolved import Profile, Settings

__all__ = [
    "MasterKeys",
    "Profile",
    "Reading",
    "SettingFault",
    "Settings",
    "load_master_keys",
    "load_settings",
    "read_settings",
]
