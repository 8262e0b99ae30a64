# Every kind of IAM resource that Terraform's aws provider keeps and hashrange knows. generation is changed between
# two applies: it renames, retags and replaces.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" {}
variable "generation" {}

provider "aws" {
  region                  = "us-east-1"
  access_key              = "local"
  secret_key              = "local"
  skip_metadata_api_check = true
  skip_region_validation  = true
  endpoints {
    iam = var.endpoint
    sts = var.endpoint
  }
}

data "aws_caller_identity" "me" {}
resource "aws_iam_user" "u" {
  name                 = "app${var.generation}"
  path                 = "/apps/"
  force_destroy        = true
  permissions_boundary = aws_iam_policy.boundary.arn
  tags                 = { team = "blue" }
}
resource "aws_iam_access_key" "k" { user = aws_iam_user.u.name }
resource "aws_iam_user_policy" "up" {
  name   = "inline"
  user   = aws_iam_user.u.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["dynamodb:GetItem"], Resource = "*" }] })
}
resource "aws_iam_user_policy_attachment" "ua" {
  user       = aws_iam_user.u.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
}
resource "aws_iam_policy" "boundary" {
  name        = "boundary"
  description = "v1"
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["dynamodb:*"], Resource = "*" }] })
}
resource "aws_iam_policy" "p" {
  name   = "p"
  path   = "/x/"
  tags   = { a = "b" }
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "V${var.generation}", Effect = "Allow", Action = ["dynamodb:*"], Resource = "*" }] })
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.u.arn]
    }
  }
}
resource "aws_iam_role" "r" {
  name                  = "r"
  assume_role_policy    = data.aws_iam_policy_document.trust.json
  max_session_duration  = 7200
  description           = "role ${var.generation}"
  force_detach_policies = true
  tags                  = { a = "b" }
}
resource "aws_iam_role_policy" "rp" {
  role   = aws_iam_role.r.id
  name   = "rp"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["dynamodb:Query"], Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "ra" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}
resource "aws_iam_group" "g" { name = "g${var.generation}" }
resource "aws_iam_group_policy" "gp" {
  group  = aws_iam_group.g.name
  name   = "gp"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["dynamodb:Query"], Resource = "*" }] })
}
resource "aws_iam_group_policy_attachment" "ga" {
  group      = aws_iam_group.g.name
  policy_arn = aws_iam_policy.p.arn
}
resource "aws_iam_user_group_membership" "m" {
  user   = aws_iam_user.u.name
  groups = [aws_iam_group.g.name]
}
resource "aws_iam_group_membership" "gm" {
  name  = "gm"
  group = aws_iam_group.g.name
  users = [aws_iam_user.u.name]
}
resource "aws_iam_instance_profile" "ip" {
  name = "ip"
  role = aws_iam_role.r.name
  tags = { a = "b" }
}
resource "aws_iam_openid_connect_provider" "o" {
  url             = "https://issuer.example/t"
  client_id_list  = ["app${var.generation}"]
  thumbprint_list = ["0123456789012345678901234567890123456789"]
  tags            = { a = var.generation }
}
resource "aws_iam_policy_attachment" "pa" {
  name       = "pa"
  policy_arn = "arn:aws:iam::aws:policy/AWSLambdaInvocation-DynamoDB"
  users      = [aws_iam_user.u.name]
  roles      = [aws_iam_role.r.name]
  groups     = [aws_iam_group.g.name]
}
data "aws_iam_policy" "d" { name = "AmazonDynamoDBFullAccess" }
data "aws_iam_user" "d" { user_name = aws_iam_user.u.name }
data "aws_iam_role" "d" { name = aws_iam_role.r.name }
data "aws_iam_group" "d" {
  group_name = aws_iam_group.g.name
  depends_on = [aws_iam_group_membership.gm]
}
data "aws_iam_users" "d" {}
data "aws_iam_roles" "d" {}
data "aws_iam_principal_policy_simulation" "s" {
  action_names      = ["dynamodb:GetItem"]
  policy_source_arn = aws_iam_user.u.arn
  depends_on        = [aws_iam_user_policy.up]
}
resource "aws_iam_role_policies_exclusive" "x" {
  role_name    = aws_iam_role.r.name
  policy_names = [aws_iam_role_policy.rp.name]
}
output "id" { value = data.aws_caller_identity.me.account_id }
output "sim" { value = data.aws_iam_principal_policy_simulation.s.all_allowed }
output "pol" { value = data.aws_iam_policy.d.arn }
