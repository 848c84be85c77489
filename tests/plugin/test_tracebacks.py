"""A plugin process serves all dynamic providers of a stack: our errors come without a traceback, the others' with it."""

import base64
from typing import Any

import dill
import grpc
import pytest
from plugin.harness import TIMEOUT, Plugin, RefusedError, Start, as_struct, created
from pulumi.dynamic import CreateResult, ResourceProvider
from pulumi.runtime.proto import provider_pb2
from pulumi_sinch.emulator import Emulator
