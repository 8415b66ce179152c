rootProject.name = "latest-versions"
