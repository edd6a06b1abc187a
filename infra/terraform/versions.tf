terraform {
  # use_lockfile of the S3 backend.
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 3.39, < 7.0"
    }
  }

  # Its settings are in a file of yours: backend.hcl.example.
  backend "s3" {}
}

provider "aws" {
  region = var.region
}
