"""Everything that goes over the wire, as the server's two schemas have it.

Made by `python -m clients.generator`; changes by hand are lost.
"""

from ringside_client.shapes.auth import *
from ringside_client.shapes.clubs import *
from ringside_client.shapes.drafts import *
from ringside_client.shapes.locations import *
from ringside_client.shapes.markets import *
from ringside_client.shapes.me import *
from ringside_client.shapes.messages import *
from ringside_client.shapes.people import *
from ringside_client.shapes.programs import *
from ringside_client.shapes.rooms import *
from ringside_client.shapes.shared import *
