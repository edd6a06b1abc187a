variable "region" {
  description = "Where everything lies; CloudFront is everywhere."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "A region, such as eu-central-1."
  }
}

variable "app_template_url" {
  description = "The app stack's template in the stage's bucket of artefacts (README, step 5); empty until there is a data stack with that bucket."
  type        = string
  default     = ""

  validation {
    condition     = var.app_template_url == "" || can(regex("^https://javumbo-artefacts-[a-z0-9.-]+/templates/[0-9a-f]+\\.json$", var.app_template_url))
    error_message = "The address of a template in the stage's bucket of artefacts."
  }
}

variable "site_origin" {
  description = "Where browsers find the web client, such as https://cards.example.org; until that is known, the development server."
  type        = string
  default     = "http://localhost:5173"

  validation {
    condition     = can(regex("^https?://[^/]+$", var.site_origin))
    error_message = "An origin: https:// and a name, with no path and no slash at the end."
  }
}

variable "origin_secret_name" {
  description = "The SSM parameter (of type String) by which CloudFront proves itself to the API; without one, failed logins are counted by CloudFront's addresses."
  type        = string
  default     = ""

  validation {
    condition     = var.origin_secret_name == "" || can(regex("^/[A-Za-z0-9/_.-]+(:[0-9]+)?$", var.origin_secret_name))
    error_message = "The name of a parameter, never its value: /javumbo/prod/origin-secret."
  }
}

variable "domain" {
  description = "A domain name of your own for the web client; empty for the one that CloudFront gives."
  type        = string
  default     = ""

  validation {
    condition     = var.domain == "" || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "A domain name in lower case, such as cards.example.org."
  }
}

variable "hosted_zone_id" {
  description = "The Route 53 zone of the domain; empty to make no records."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^[A-Z0-9]*$", var.hosted_zone_id))
    error_message = "The id of a zone: capital letters and digits."
  }
}

variable "certificate_arn" {
  description = "The domain's certificate in us-east-1; empty to have one made there."
  type        = string
  default     = ""

  validation {
    condition     = var.certificate_arn == "" || can(regex("^arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/[0-9a-f-]+$", var.certificate_arn))
    error_message = "The ARN of a certificate in us-east-1, where CloudFront looks for it."
  }
}

variable "alarm_email" {
  description = "Who is told of alarms; AWS asks this address first. Empty for nobody."
  type        = string
  default     = ""

  validation {
    condition     = var.alarm_email == "" || can(regex("^[^@ ]+@[^@ ]+$", var.alarm_email))
    error_message = "An e-mail address."
  }
}

variable "monthly_budget" {
  description = "In US dollars, for the whole account; a notice is sent at 80 percent."
  type        = number
  default     = 10

  validation {
    condition     = var.monthly_budget >= 1
    error_message = "At least one dollar."
  }
}
