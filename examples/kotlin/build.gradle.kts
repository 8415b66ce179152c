plugins {
    kotlin("jvm") version "2.4.21"
    application
}

repositories {
    mavenCentral()
}

dependencies {
    implementation(platform("io.alldocs:all-docs-bom:0.1.0-SNAPSHOT"))
    implementation("io.alldocs:all-docs-packument")
    implementation("io.alldocs:all-docs-partition")
    runtimeOnly("io.alldocs:all-docs-storage-filesystem")
}

kotlin {
    jvmToolchain(17)
}

application {
    mainClass = "LatestVersionsKt"
}
