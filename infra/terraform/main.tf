# One workspace is one stage. The stacks are those of `javumbo deploy`: CloudFormation knows what
# is in them, Terraform which there are and what they are told.

locals {
  stage = terraform.workspace
  tags = {
    Project     = "javumbo"
    Environment = local.stage
    ManagedBy   = "cloudformation"
  }
  has_app = var.app_template_url != ""
  data    = aws_cloudformation_stack.data.outputs
  app     = local.has_app ? aws_cloudformation_stack.app[0].outputs : {}
  site    = local.has_app ? aws_cloudformation_stack.site[0].outputs : {}

  # As presigned addresses have it. Source: boto3, which signs for us-east-1 at the global address.
  s3_host = var.region == "us-east-1" ? "s3.amazonaws.com" : "s3.${var.region}.amazonaws.com"

  origin_secret = var.origin_secret_name == "" ? {} : { OriginSecretName = var.origin_secret_name }
}

# What people have. Its buckets and tables stay when the stack goes.
resource "aws_cloudformation_stack" "data" {
  name          = "javumbo-${local.stage}-data"
  template_body = file("${path.module}/../data.yaml")
  capabilities  = ["CAPABILITY_IAM"]
  tags          = local.tags

  parameters = {
    Stage      = local.stage
    SiteOrigin = var.site_origin
    AlarmEmail = var.alarm_email
  }

  lifecycle {
    precondition {
      condition     = local.stage != "default" && can(regex("^[a-z][a-z0-9]{0,9}$", local.stage))
      error_message = "Choose a stage first: terraform workspace new prod. Its name is a lower-case letter and up to nine lower-case letters and digits."
    }
  }
}

# The API. Its template is larger than what fits in a request, and names the code it was made with.
resource "aws_cloudformation_stack" "app" {
  count = local.has_app ? 1 : 0

  name         = "javumbo-${local.stage}-app"
  template_url = var.app_template_url
  capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
  tags         = local.tags

  parameters = merge(local.origin_secret, {
    Stage      = local.stage
    CorsOrigin = var.site_origin
  })

  depends_on = [aws_cloudformation_stack.data]
}

# The web client's place. What lies in it is sent by `javumbo deploy`.
resource "aws_cloudformation_stack" "site" {
  count = local.has_app ? 1 : 0

  name          = "javumbo-${local.stage}-site"
  template_body = file("${path.module}/../site.yaml")
  tags          = local.tags

  parameters = merge(local.origin_secret, {
    Stage          = local.stage
    RestApiId      = local.app["RestAPIId"]
    MediaOrigin    = "https://${local.data["MediaBucket"]}.${local.s3_host}"
    SiteDomain     = var.domain
    HostedZoneId   = var.hosted_zone_id
    CertificateArn = var.certificate_arn
  })

  # A distribution takes a while to reach every edge.
  timeouts {
    create = "60m"
    update = "60m"
    delete = "60m"
  }
}

# Dashboard, alarms and budget.
resource "aws_cloudformation_stack" "watch" {
  count = local.has_app ? 1 : 0

  name          = "javumbo-${local.stage}-watch"
  template_body = file("${path.module}/../watch.yaml")
  tags          = local.tags

  parameters = {
    Stage          = local.stage
    AlarmTopic     = local.data["AlarmTopic"]
    AlarmEmail     = var.alarm_email
    DistributionId = local.site["DistributionId"]
    MonthlyBudget  = tostring(var.monthly_budget)
  }

  depends_on = [aws_cloudformation_stack.app]
}
