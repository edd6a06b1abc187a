"""What a month on AWS costs: predicted from measurements and a dated price file."""
