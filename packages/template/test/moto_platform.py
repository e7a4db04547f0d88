"""A moto server that can run the platform's templates: moto 5.2.5 ignores some types in silence, reads some functions of
YAML wrongly, and runs functions in Docker only. Usage: moto_platform.py PORT NODE OVERRIDES CALLS MADE, where OVERRIDES
is a JSON object of environment variables that the functions get in place of those that the stack gave them (no server of MySQL
answers under the name that moto makes up for one), and CALLS is a file that takes each request to AWS as a line of
JSON, as MADE takes what CloudFormation gave each resource."""
import ctypes, io, ipaddress, json, os, re, subprocess, sys, tempfile, threading, urllib.parse, zipfile

if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG: end with the test run.
port, node, overrides, calls, made = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), sys.argv[4], sys.argv[5]
os.environ["MOTO_PORT"] = port
endpoint = f"http://127.0.0.1:{port}"

import boto3
import yaml
from moto import settings
from moto.awslambda.models import LambdaFunction
from moto.cloudformation import models as stacks, parsing, responses, utils
from moto.cloudformation.models import cloudformation_backends
from moto.cloudwatch.models import Alarm
from moto.core.common_models import CloudFormationModel
from moto.ec2.models.flow_logs import FlowLogs
from moto.efs.models import FileSystem
from moto.iam.access_control import PermissionResult
from moto.kms.models import Key
from moto.rds.models import DBParameterGroup
from moto.s3.models import FakeBucket

from moto.moto_server.werkzeug_app import DomainDispatcherApplication

settings.moto_server_host = lambda: "http://127.0.0.1"


def api(service, region):
    return boto3.client(
        service, endpoint_url=endpoint, region_name=region, aws_access_key_id="test", aws_secret_access_key="test"
    )


# Functions of YAML: moto cuts an attribute with a dot in two, and loses tags inside lists.
def construct(loader, tag, node):
    if isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        value = node.value.split(".", 1) if tag == "!GetAtt" else node.value
    return {"Ref" if tag == "!Ref" else f"Fn::{tag[1:]}": value}


for module in (utils, responses, stacks):
    module.yaml_tag_constructor = construct

moto_clean = parsing.clean_json


def clean(value, names):
    if isinstance(value, dict):
        if "Fn::Cidr" in value:
            network, count, bits = [clean(part, names) for part in value["Fn::Cidr"]]
            blocks = ipaddress.ip_network(network).subnets(new_prefix=32 - int(bits))
            return [str(block) for _, block in zip(range(int(count)), blocks)]
        if "Fn::GetAZs" in value:
            return [names["AWS::Region"] + letter for letter in "abc"]
        if "Fn::Sub" in value:
            text, own = (value["Fn::Sub"], {}) if isinstance(value["Fn::Sub"], str) else value["Fn::Sub"]

            def substitute(match):
                name = match.group(1)
                if name in own:
                    return str(clean(own[name], names))
                return str(clean({"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}, names))

            return re.sub(r"\$\{([^}!]+)\}", substitute, text)
    return moto_clean(value, names)


parsing.clean_json = clean
DBParameterGroup.physical_resource_id = property(lambda self: self.name)
FileSystem.has_cfn_attr = classmethod(lambda cls, name: True)
FileSystem.get_cfn_attribute = lambda self, name: {"Arn": self.file_system_arn, "FileSystemId": self.file_system_id}[name]


# Types that moto does not know: each makes the real thing where a later step reads it, else only an id.
class Resource:
    def __init__(self, physical_id, attributes):
        self.id, self.attributes = physical_id, attributes

    physical_resource_id = property(lambda self: self.id)

    @classmethod
    def has_cfn_attr(cls, attr):
        return True

    def get_cfn_attribute(self, name):
        return self.attributes.get(name, self.id)

    def delete(self, account_id, region):
        pass


known = []


def define(type_name, make=lambda properties, region, name: (name, {})):
    def create(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        return cls(*make(cloudformation_json.get("Properties", {}), region_name, resource_name))

    def update(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        return original_resource

    members = {
        "__module__": "moto.platform.models",
        "cloudformation_type": staticmethod(lambda: type_name),
        "cloudformation_name_type": staticmethod(lambda: ""),
        "create_from_cloudformation_json": classmethod(create),
        "update_from_cloudformation_json": classmethod(update),
    }
    hidden = ("__dict__", "__weakref__", "__module__", "__doc__")
    methods = {name: value for name, value in vars(Resource).items() if name not in hidden}
    # moto finds a type by the classes that stand directly below its own.
    known.append(type(CloudFormationModel)(type_name.replace("::", ""), (CloudFormationModel,), {**methods, **members}))


def secret(properties, region, name):
    wanted = {"Name": properties.get("Name", name), "Description": properties.get("Description", "")}
    text = properties.get("SecretString")
    if text is None:
        generate = properties["GenerateSecretString"]
        text = "generated"
        if "SecretStringTemplate" in generate:
            text = json.dumps({**json.loads(generate["SecretStringTemplate"]), generate["GenerateStringKey"]: text})
    arn = api("secretsmanager", region).create_secret(SecretString=text, **wanted)["ARN"]
    return arn, {"Id": arn}


def alarm(properties, region, name):
    numbers = {"Period": int, "EvaluationPeriods": int, "Threshold": float}
    typed = {key: numbers.get(key, lambda same: same)(value) for key, value in properties.items() if key != "Metrics"}
    if "Metrics" not in properties:
        api("cloudwatch", region).put_metric_alarm(AlarmName=name, **typed)
    return name, {}


def stack_set(properties, region, name):
    """Deploys the instances at once, as stacks of their Regions."""
    for group in properties["StackInstancesGroup"]:
        for target in group["Regions"]:
            api("cloudformation", target).create_stack(
                StackName=f"StackSet-{properties['StackSetName']}",
                TemplateURL=properties["TemplateURL"],
                Parameters=[{key: str(value) for key, value in each.items()} for each in properties["Parameters"]],
                Capabilities=properties["Capabilities"],
            )
    return f"{properties['StackSetName']}:1", {}


def replica(properties, region, name):
    key = api("kms", region).create_key(Description=properties["Description"])["KeyMetadata"]
    return key["KeyId"], {"Arn": key["Arn"]}


define("AWS::SecretsManager::Secret", secret)
define("AWS::SecretsManager::SecretTargetAttachment")
define("AWS::CloudWatch::Alarm", alarm)
define("AWS::S3::BucketPolicy")
define("AWS::SNS::TopicPolicy")
define("AWS::SNS::Subscription")
define("AWS::AutoScaling::ScalingPolicy")
define("AWS::CloudFormation::StackSet", stack_set)
define("AWS::KMS::ReplicaKey", replica)


def patch(model, change):
    create = model.create_from_cloudformation_json.__func__
    model.create_from_cloudformation_json = classmethod(
        lambda cls, name, definition, account_id, region, **rest: change(create, cls, name, definition, account_id, region, **rest)
    )


def plain_function(create, cls, name, definition, account_id, region, **rest):
    variables = definition["Properties"]["Environment"]["Variables"]
    for key, value in variables.items():
        variables[key] = value if isinstance(value, str) else str(getattr(value, "physical_resource_id", value))
    function = create(cls, name, definition, account_id, region, **rest)
    function.logs_group_name = definition["Properties"]["LoggingConfig"]["LogGroup"]
    if not function.code_bytes:
        raise ValueError("Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.")
    return function


def text_policy(create, cls, name, definition, account_id, region, **rest):
    key = create(cls, name, definition, account_id, region, **rest)
    key.policy = key.policy if isinstance(key.policy, str) else json.dumps(key.policy)
    return key


def bucket_only(create, cls, name, definition, account_id, region, **rest):
    """moto takes the prefix in the address of a flow log for a part of the bucket's name."""
    destination = definition["Properties"]["LogDestination"]
    definition["Properties"]["LogDestination"] = destination.split("/")[0]
    return create(cls, name, definition, account_id, region, **rest)


patch(FlowLogs, bucket_only)
patch(LambdaFunction, plain_function)
patch(Key, text_policy)

# The life of a stack: moto runs an operation within the request, writes no event of a resource, does not roll back, and
# gives up half-way when it deletes.
def event(stack, logical_id, status, resource=None, kind=None, reason=None):
    physical = str(getattr(resource, "stack_id", None) or getattr(resource, "physical_resource_id", ""))
    stack.events.append(stacks.Event(stack.stack_id, stack.name, logical_id, physical, kind, status, reason, None))


def owner(resources, account_id, region):
    return next((each for each in cloudformation_backends[account_id][region].stacks.values() if each.resource_map is resources), None)


def with_events(work, verb):
    def run(logical_id, definition, resources, account_id, region_name):
        stack, kind = owner(resources, account_id, region_name), definition["Type"]
        try:
            resource = work(logical_id, definition, resources, account_id, region_name)
        except Exception as error:
            if stack is not None and not hasattr(error, "resource"):
                error.resource = logical_id
                reason = getattr(error, "message", None) or getattr(error, "description", None) or str(error)
                event(stack, logical_id, f"{verb}_FAILED", None, kind, reason)
            raise
        if resource is not None and stack is not None:
            event(stack, logical_id, f"{verb}_COMPLETE", resource, kind)
        return resource

    return run


parsing.parse_and_create_resource = with_events(parsing.parse_and_create_resource, "CREATE")


def remove(stack, before=()):
    """Deletes what a stack made after `before`, the newest first; what is to be retained stays."""
    resources = stack.resource_map
    for logical_id in reversed([key for key in resources._parsed_resources if key in resources._resource_json_map and key not in before]):
        definition, resource = resources._resource_json_map[logical_id], resources._parsed_resources[logical_id]
        if resource is None or definition.get("DeletionPolicy") == "Retain":
            continue
        try:
            resources._delete_resource(resource, definition)
        except Exception:
            pass  # moto's own order of deletion: nothing looks at what is left.
        event(stack, logical_id, "DELETE_COMPLETE", resource, definition["Type"])


create_resources = stacks.Stack.create_resources


def create_and_finish(self):
    try:
        create_resources(self)
        # Custom resources of nested stacks and stacks without one: moto asks for the end once, when it has made everything.
        if self.status == "CREATE_IN_PROGRESS" and self.resource_map.creation_complete():
            self.mark_creation_complete()
    except Exception as error:
        if not hasattr(error, "resource"):
            raise
        self.status = "ROLLBACK_IN_PROGRESS"
        self._add_stack_event("ROLLBACK_IN_PROGRESS", f"The following resource(s) failed to create: [{error.resource}].")
        remove(self)
        self._add_stack_event("ROLLBACK_COMPLETE")
        self.status = "ROLLBACK_COMPLETE"


def execute_change_set(self, change_set_name, stack_name=None):
    change_set = self.describe_change_set(change_set_name)
    stack = self.stacks[change_set.stack_id]
    creates = change_set.change_set_type == "CREATE"
    stack.status = "CREATE_IN_PROGRESS" if creates else "UPDATE_IN_PROGRESS"

    def run():
        if not creates:
            stack.update(change_set.template, None, change_set.parameters)
            return
        stack.template, stack.parameters = change_set.template, change_set.parameters
        stack._parse_template()
        stack.resource_map = stack._create_resource_map()
        stack.output_map = stack._create_output_map()
        stack._add_stack_event("CREATE_IN_PROGRESS", resource_status_reason="User Initiated")
        stack.create_resources()

    threading.Thread(target=run).start()


# moto makes a new resource of whatever is updated; here a resource changes only when what it was given does, and most need no more.
resolve = parsing.parse_resource_and_generate_name


def resolve_and_note(logical_id, definition, resources):
    found = resolve(logical_id, definition, resources)
    if found:
        given = json.dumps(found[1].get("Properties", {}), sort_keys=True, default=str)
        with open(made, "a") as file:
            noted = {"logical_id": logical_id, "type": definition["Type"], "properties": json.loads(given)}
            file.write(json.dumps({**noted, "metadata": definition.get("Metadata", {})}) + "\n")
        vars(resources).setdefault("given", {})[logical_id] = given
    return found


def change_resource(logical_id, definition, resources, account_id, region):
    kind, (model, resolved, name) = definition["Type"], parsing.parse_resource_and_generate_name(logical_id, definition, resources)
    resource, properties = resources[logical_id], resolved.get("Properties", {})
    if kind == "AWS::Lambda::Function":
        model.update_from_cloudformation_json(resource, name, resolved, account_id, region)
    elif kind.startswith("Custom::"):
        identity = {"LogicalId": logical_id, "StackId": resources.stack_id, "ResourceType": kind}
        return model.create_from_cloudformation_json(name, resolved, account_id, region, **identity)
    elif kind == "AWS::CloudFormation::Stack":
        body = stacks.get_stack_from_s3_url(properties["TemplateURL"], account_id=account_id, partition="aws")
        resource.update(body, None, properties.get("Parameters", {}))
    elif kind == "AWS::AutoScaling::AutoScalingGroup":
        sizes = {key: int(properties[key]) for key in ("MinSize", "MaxSize")}
        api("autoscaling", region).update_auto_scaling_group(AutoScalingGroupName=resource.name, **sizes)
    return resource


def update(self, template, role_arn=None, parameters=None, tags=None):
    before, self.status = self.resource_map, "UPDATE_IN_PROGRESS"
    self._add_stack_event("UPDATE_IN_PROGRESS", resource_status_reason="User Initiated")
    unchanged = {key for key, value in (parameters or {}).items() if value == before.resolved_parameters.get(key)}
    self.parameters = {
        **{key: self.parameters[key] for key in unchanged if key in self.parameters},
        **{key: value for key, value in (parameters or {}).items() if key not in unchanged},
    }
    self.template = template
    self._parse_template()
    self.resource_map = after = self._create_resource_map()
    after.tags.update(before.tags)
    for logical_id, definition in self.template_dict["Resources"].items():
        wanted = "Condition" not in definition or after.lazy_condition_map[definition["Condition"]]
        if wanted and before._parsed_resources.get(logical_id) is not None:
            after._parsed_resources[logical_id] = before._parsed_resources[logical_id]
    kept = set(after._parsed_resources)
    try:
        for logical_id, definition in self.template_dict["Resources"].items():
            if logical_id not in kept:
                after[logical_id]
                continue
            parsing.parse_resource_and_generate_name(logical_id, definition, after)
            if after.given[logical_id] == before.given.get(logical_id):
                continue
            changed = with_events(change_resource, "UPDATE")(logical_id, definition, after, self.account_id, self.region_name)
            changed.logical_resource_id, changed.cf_resource_type = logical_id, definition["Type"]
            after._parsed_resources[logical_id] = changed
    except Exception as error:
        if not hasattr(error, "resource"):
            raise
        self.resource_map = before
        self._add_stack_event("UPDATE_ROLLBACK_IN_PROGRESS", f"The following resource(s) failed: [{error.resource}].")
        self._add_stack_event("UPDATE_ROLLBACK_COMPLETE")
        self.status = "UPDATE_ROLLBACK_COMPLETE"
        return
    self.resource_map = before
    remove(self, kept)
    self.resource_map = after
    self.output_map = self._create_output_map()
    self._add_stack_event("UPDATE_COMPLETE")
    self.status = "UPDATE_COMPLETE"


def previous_values(self, instance, incoming_params):
    known = {**instance.resource_map.resolved_parameters, **instance.parameters}
    return {
        each["ParameterKey"]: known[each["ParameterKey"]] if each.get("UsePreviousValue") else each["ParameterValue"]
        for each in incoming_params
    }


parsing.parse_resource_and_generate_name = resolve_and_note
stacks.Stack.update = update
stacks.CloudFormationBackend._resolve_update_parameters = previous_values


def delete(self):
    self._add_stack_event("DELETE_IN_PROGRESS", resource_status_reason="User Initiated")
    remove(self)
    self._add_stack_event("DELETE_COMPLETE")
    self.status = "DELETE_COMPLETE"


# Outputs ask for resources, which makes those that are not there yet: only the operation itself may do that.
outputs = stacks.Stack.outputs.fget
stacks.Stack.outputs = property(
    lambda self: outputs(self) if self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE") else None
)


def finish_creation(self):
    """moto takes each answer of a custom resource for the end of a creation."""
    if self.status == "CREATE_IN_PROGRESS":
        mark_creation_complete(self)


mark_creation_complete = stacks.Stack.mark_creation_complete
stacks.Stack.mark_creation_complete = finish_creation
stacks.Stack.create_resources = create_and_finish
stacks.Stack.delete = delete
stacks.CloudFormationBackend.execute_change_set = execute_change_set

# Policies of buckets: moto leaves their conditions aside, and so denies what is denied without TLS only.
FakeBucket.get_permission = lambda self, action, resource: PermissionResult.NEUTRAL

# Alarms: moto changes their state and tells nobody.
set_state = Alarm.update_state


def set_state_and_tell(self, reason, reason_data, state_value):
    set_state(self, reason, reason_data, state_value)
    for topic in {"ALARM": self.alarm_actions, "OK": self.ok_actions}.get(state_value, []):
        told = {"AlarmName": self.name, "NewStateValue": state_value, "NewStateReason": reason, "AlarmDescription": self.description}
        api("sns", topic.split(":")[3]).publish(TopicArn=topic, Subject=f"{state_value}: {self.name}", Message=json.dumps(told))


Alarm.update_state = set_state_and_tell

# Functions: the bundle itself, in a Node of its own, with the environment that the stack gave it.
RUN = """
const [file, name, descriptor] = process.argv.slice(1);
const { writeSync, readFileSync } = await import('node:fs');
const handler = (await import(file))[name];
const answer = (value) => writeSync(Number(descriptor), JSON.stringify(value ?? null));
try {
  answer(await handler(JSON.parse(readFileSync(0, 'utf8')), { awsRequestId: 'moto' }));
  process.exit(0);
} catch (error) {
  answer({ errorType: error.name, errorMessage: error.message });
  process.exit(7);
}
"""


def invoke(self, event=None):
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(io.BytesIO(self.code_bytes)).extractall(folder)
        file, name = self.handler.rsplit(".", 1)
        variables = {
            **{key: str(value) for key, value in self.environment_vars.items()},
            **overrides,
            "AWS_REGION": self.region,
            # The name of the caller in the record of calls.
            "AWS_ACCESS_KEY_ID": self.function_name,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": endpoint,
            "PATH": os.environ["PATH"],
        }
        reader, writer = os.pipe()
        command = [node, "--input-type=module", "-e", RUN, f"{folder}/{file}.mjs", name, str(writer)]
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=variables, pass_fds=[writer]
        )
        os.close(writer)
        parts = []
        collect = threading.Thread(target=lambda: parts.append(os.fdopen(reader).read()))
        collect.start()
        log, _ = child.communicate(json.dumps(event or {}).encode(), timeout=120)
        collect.join()
        print(log.decode(), file=sys.stderr, flush=True)
        self.save_logs(log.decode())
        return parts[0] or "null", child.returncode != 0, log.decode()


LambdaFunction._invoke_lambda = invoke

# Who called what: the name in the signature, the service, and what tells the operation.
handle = DomainDispatcherApplication.__call__


def record_and_handle(self, environ, start_response):
    signature = re.search(r"Credential=([^/]+)/\d+/([^/]*)/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    if signature is not None:
        call = dict(zip(("caller", "region", "service"), signature.groups()))
        call["method"], call["path"] = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        call["query"] = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        kind, parameters = environ.get("CONTENT_TYPE", ""), {}
        if "x-amz-json" in kind or "x-www-form-urlencoded" in kind:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            parameters = json.loads(body or b"{}") if "json" in kind else dict(urllib.parse.parse_qsl(body.decode()))
        call["operation"] = environ.get("HTTP_X_AMZ_TARGET", "").split(".")[-1] or parameters.get("Action")
        call["names"] = {key: value for key, value in parameters.items() if key in ("SecretId", "Name", "AutoScalingGroupName")}
        with open(calls, "a") as file:
            file.write(json.dumps(call) + "\n")
    return handle(self, environ, start_response)


DomainDispatcherApplication.__call__ = record_and_handle

from moto.server import main

main(["-H", "127.0.0.1", "-p", port])
