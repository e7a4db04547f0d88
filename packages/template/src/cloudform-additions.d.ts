import type { DeletionPolicy, List, ResourceTag, Value } from 'cloudform';

// What CloudFormation has and the types of cloudform 7.5.0 lack.
declare module 'cloudform-types/types/resource.js' {
  interface ResourceBase {
    UpdateReplacePolicy?: DeletionPolicy;
  }
}

declare module 'cloudform-types/types/lambda/function.js' {
  interface FunctionProperties {
    LoggingConfig?: {
      LogGroup?: Value<string>;
      LogFormat?: Value<string>;
      ApplicationLogLevel?: Value<string>;
      SystemLogLevel?: Value<string>;
    };
  }
}

declare module 'cloudform-types/types/autoScaling/autoScalingGroup.js' {
  interface LaunchTemplateOverrides {
    ImageId?: Value<string>;
  }
  interface AutoScalingGroupProperties {
    DefaultInstanceWarmup?: Value<number>;
  }
}

declare module 'cloudform-types/types/cloudFormation/customResource.js' {
  interface CustomResourceProperties {
    ServiceTimeout?: Value<number>;
    [property: string]: unknown;
  }
}

declare module 'cloudform-types/types/ec2/vpcEndpoint.js' {
  interface VPCEndpointProperties {
    Tags?: List<ResourceTag>;
  }
}
