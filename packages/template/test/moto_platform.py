"""A moto server that can run the platform's templates: moto 5.2.5 ignores some types in silence, reads some functions of
YAML wrongly, and runs functions in Docker only. Usage: moto_platform.py PORT NODE OVERRIDES, where OVERRIDES is a JSON
object of environment variables that the functions get in place of those that the stack gave them: no server of MySQL
answers under the name that moto makes up for one."""
import ctypes, io, ipaddress, json, os, re, subprocess, sys, tempfile, threading, zipfile

if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG: end with the test run.
port, node, overrides = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
os.environ["MOTO_PORT"] = port
endpoint = f"http://127.0.0.1:{port}"

import boto3
import yaml
from moto import settings
from moto.awslambda.models import LambdaFunction
from moto.cloudformation import models as stacks, parsing, responses, utils
from moto.core.common_models import CloudFormationModel
from moto.ec2.models.flow_logs import FlowLogs
from moto.efs.models import FileSystem
from moto.kms.models import Key
from moto.rds.models import DBParameterGroup

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

# Custom resources of nested stacks and stacks without one: moto asks for the end once, when it has made everything.
create_resources = stacks.Stack.create_resources


def create_and_finish(self):
    create_resources(self)
    if self.status == "CREATE_IN_PROGRESS" and self.resource_map.creation_complete():
        self.mark_creation_complete()


stacks.Stack.create_resources = create_and_finish

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
            "AWS_ACCESS_KEY_ID": "test",
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

from moto.server import main

main(["-H", "127.0.0.1", "-p", port])
