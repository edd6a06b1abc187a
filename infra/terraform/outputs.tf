output "api_url" {
  description = "The API itself; people use it through the site's address."
  value       = lookup(local.app, "EndpointURL", null)
}

output "site_url" {
  description = "Where people find the service."
  value       = lookup(local.site, "SiteURL", null)
}

output "cloudfront_domain" {
  description = "What a domain elsewhere is a CNAME of."
  value       = lookup(local.site, "DomainName", null)
}

output "cloudfront_distribution_id" {
  value = lookup(local.site, "DistributionId", null)
}

output "bucket_names" {
  value = {
    collections = local.data["CollectionBucket"]
    media       = local.data["MediaBucket"]
    artefacts   = local.data["ArtefactBucket"]
    frontend    = lookup(local.site, "FrontendBucket", null)
  }
}

output "table_names" {
  value = {
    users   = local.data["UsersTable"]
    commits = local.data["CommitsTable"]
  }
}

output "function_names" {
  description = "By what they are for."
  value       = { for name, value in local.app : trimsuffix(name, "Name") => value if endswith(name, "Name") && contains(keys(local.app), "${trimsuffix(name, "Name")}Arn") }
}
