package io.alldocs.examples.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Runs a release without the upload, with a signing key that is created for this run. Builds the release twice, in two
 * folders.
 */
@Tag("release")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReleaseTest {
    private static final String SCM = "https://example.com/all-docs/all-docs";
    private static final String BOM = "all-docs-bom";

    /** The folder is separate from that of the other files, because the path of a socket has at most 108 bytes. */
    private Path keys;

    @TempDir
    static Path folder;

    private SourceTree tree;
    private SourceTree again;
    private Bundle bundle;

    @BeforeAll
    void buildTwice() throws Exception {
        keys = Files.createTempDirectory("gpg");
        tree = SourceTree.original().copyTo(folder.resolve("first"));
        String version = tree.version().replace("-SNAPSHOT", "");
        tree.run(Map.of(), "bash", ".ci/set-version", version).succeeds();
        again = tree.copyTo(folder.resolve("somewhere/else"));
        gpg("--batch", "--passphrase", "", "--quick-generate-key", "release dry run", "default", "default", "never");

        deploy(tree, Map.of("GNUPGHOME", keys.toString())).succeeds();
        bundle = new Bundle(tree.root().resolve("bom/target/central-staging"), version);
        deploy(again, Map.of("TZ", "Asia/Tokyo"), "-Dgpg.skip").succeeds();
    }

    @AfterAll
    void endAgent() throws Exception {
        tree.run(Map.of("GNUPGHOME", keys.toString()), "gpgconf", "--kill", "all");
    }

    private static SourceTree.Build deploy(SourceTree tree, Map<String, String> environment, String... options)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of("deploy", "-Prelease", "-DskipUpload", "-Dscm.web=" + SCM));
        arguments.addAll(List.of("-pl", String.join(",", tree.leaves())));
        arguments.addAll(List.of(options));
        return tree.maven(environment, arguments.toArray(String[]::new));
    }

    private SourceTree.Build gpg(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("gpg"));
        command.addAll(List.of(arguments));
        return tree.run(Map.of("GNUPGHOME", keys.toString()), command.toArray(String[]::new));
    }

    @Test
    void release_withoutItsAddress_isRefused() throws Exception {
        SourceTree.Build build = again.maven(Map.of(), "validate", "-Prelease", "--non-recursive");
        assertThat(build.exitCode()).isNotZero();
        assertThat(build.output()).contains("A release names its source repository");
    }

    @Test
    void bundle_holdsWhatTheBomNames() throws Exception {
        NodeList managed = bundle.pom(BOM).getElementsByTagName("dependency");
        List<String> named = new ArrayList<>(List.of(BOM));
        for (int i = 0; i < managed.getLength(); i++) {
            named.add(Bundle.text((Element) managed.item(i), "artifactId"));
            assertThat(Bundle.text((Element) managed.item(i), "groupId")).isEqualTo("io.alldocs");
            assertThat(Bundle.text((Element) managed.item(i), "version")).isEqualTo(bundle.version());
        }
        assertThat(bundle.artifacts()).containsExactlyInAnyOrderElementsOf(named);
    }

    @Test
    void artifact_hasPomJarSourcesJavadocAndSbom_andNothingElse() throws Exception {
        for (String artifact : bundle.artifacts()) {
            List<String> suffixes = artifact.equals(BOM)
                    ? List.of(".pom", "-cyclonedx.json", "-cyclonedx.xml")
                    : List.of(".pom", ".jar", "-sources.jar", "-javadoc.jar", "-cyclonedx.json", "-cyclonedx.xml");
            String prefix = "io/alldocs/" + artifact + "/";
            assertThat(bundle.originals())
                    .filteredOn(file -> file.startsWith(prefix))
                    .containsExactlyInAnyOrderElementsOf(suffixes.stream()
                            .map(suffix -> bundle.folder()
                                    .relativize(bundle.file(artifact, suffix))
                                    .toString())
                            .toList());
        }
    }

    @Test
    void file_hasItsChecksums() throws IOException {
        Map<String, String> algorithms =
                Map.of(".md5", "MD5", ".sha1", "SHA-1", ".sha256", "SHA-256", ".sha512", "SHA-512");
        for (String file : bundle.originals()) {
            for (Map.Entry<String, String> algorithm : algorithms.entrySet()) {
                assertThat(bundle.folder().resolve(file + algorithm.getKey()))
                        .content()
                        .isEqualTo(Bundle.digest(
                                algorithm.getValue(), bundle.folder().resolve(file)));
            }
        }
    }

    @Test
    void file_hasAValidSignature() throws Exception {
        List<String> signatures = bundle.originals().stream()
                .map(file -> bundle.folder().resolve(file + ".asc").toString())
                .toList();
        assertThat(signatures).allMatch(file -> Files.exists(Path.of(file)));
        List<String> command = new ArrayList<>(List.of("--verify-files"));
        command.addAll(signatures);
        assertThat(gpg(command.toArray(String[]::new)).succeeds().output().lines())
                .filteredOn(line -> line.startsWith("gpg: Good signature from"))
                .hasSameSizeAs(signatures);

        Path changed = folder.resolve("changed.pom");
        Files.writeString(changed, Files.readString(bundle.file(BOM, ".pom")) + "\n");
        assertThat(gpg("--verify", bundle.file(BOM, ".pom.asc").toString(), changed.toString())
                        .exitCode())
                .isNotZero();
    }

    @Test
    void pom_hasWhatMavenCentralRequires_andNothingOfTheBuild() throws Exception {
        for (String artifact : bundle.artifacts()) {
            Element pom = bundle.pom(artifact);
            for (String element : List.of(
                    "name",
                    "description",
                    "url",
                    "licenses/license/name",
                    "licenses/license/url",
                    "developers/developer/name",
                    "developers/developer/organizationUrl",
                    "scm/connection",
                    "scm/developerConnection")) {
                assertThat(Bundle.text(pom, element))
                        .as(artifact + " " + element)
                        .isNotEmpty();
            }
            assertThat(Bundle.text(pom, "version")).isEqualTo(bundle.version());
            assertThat(Bundle.text(pom, "scm/url")).isEqualTo(SCM);
            assertThat(Bundle.text(pom, "scm/tag")).isEqualTo("v" + bundle.version());
            for (String element : List.of(
                    "parent", "build", "modules", "profiles", "properties", "repositories", "pluginRepositories")) {
                assertThat(pom.getElementsByTagName(element).getLength())
                        .as(artifact + " " + element)
                        .isZero();
            }
            assertThat(pom.getElementsByTagName("dependencyManagement").getLength())
                    .as(artifact)
                    .isEqualTo(artifact.equals(BOM) ? 1 : 0);
            assertThat(Files.readString(bundle.file(artifact, ".pom"))).doesNotContain("${", "SNAPSHOT");
        }
    }

    @Test
    void dependencies_haveVersions_areForRuntime_andPublished() throws Exception {
        List<String> artifacts = bundle.artifacts();
        for (String artifact : artifacts) {
            NodeList dependencies = bundle.pom(artifact).getElementsByTagName("dependency");
            for (int i = 0; i < dependencies.getLength(); i++) {
                Element dependency = (Element) dependencies.item(i);
                String name = Bundle.text(dependency, "artifactId");
                assertThat(Bundle.text(dependency, "version"))
                        .as(artifact + " " + name)
                        .isNotEmpty();
                assertThat(Bundle.text(dependency, "scope"))
                        .as(artifact + " " + name)
                        .isIn("", "compile", "runtime");
                if (Bundle.text(dependency, "groupId").equals("io.alldocs")) {
                    assertThat(artifacts).contains(name);
                }
            }
        }
    }

    @Test
    void sbom_describesItsArtifact_withoutTestTools() throws Exception {
        for (String artifact : bundle.artifacts()) {
            JsonNode sbom = new ObjectMapper()
                    .readTree(bundle.file(artifact, "-cyclonedx.json").toFile());
            assertThat(sbom.path("bomFormat").asText()).isEqualTo("CycloneDX");
            assertThat(sbom.at("/metadata/component/name").asText()).isEqualTo(artifact);
            List<String> components = sbom.path("components").findValuesAsText("purl");
            if (!artifact.endsWith("-contract")) {
                assertThat(components).noneMatch(purl -> purl.contains("junit") || purl.contains("mockito"));
            }
            if (artifact.equals("all-docs-worker-redis")) {
                assertThat(components).anyMatch(purl -> purl.startsWith("pkg:maven/io.lettuce/lettuce-core@"));
            }
        }
    }

    @Test
    void secondBuild_hasTheSameBytes() throws IOException {
        Bundle second = new Bundle(again.root().resolve("bom/target/central-staging"), bundle.version());
        assertThat(differences(bundle.digests(), second.digests())).isEmpty();
        assertThat(bundle.digests()).hasSizeGreaterThan(100);
    }

    @Test
    void secondBuild_withAnotherTimestamp_isFound() throws Exception {
        SourceTree planted = SourceTree.original().copyTo(folder.resolve("planted"));
        planted.run(Map.of(), "bash", ".ci/set-version", bundle.version()).succeeds();
        planted.maven(
                        Map.of(),
                        "package",
                        "-pl",
                        "http-client",
                        "-am",
                        "-Dproject.build.outputTimestamp=2001-01-01T00:00:00Z")
                .succeeds();
        String jar = "all-docs-http-client-" + bundle.version() + ".jar";
        Path built = planted.root().resolve("http-client/target").resolve(jar);
        String name = bundle.folder()
                .relativize(bundle.file("all-docs-http-client", ".jar"))
                .toString();
        assertThat(differences(Map.of(name, bundle.digests().get(name)), Map.of(name, Bundle.digest("SHA-256", built))))
                .containsOnlyKeys(name);
    }

    /** Returns the files whose bytes differ, and the files that only one of the builds has. */
    private static Map<String, String> differences(Map<String, String> first, Map<String, String> second) {
        Map<String, String> differences = new TreeMap<>();
        first.forEach((file, digest) -> {
            if (!digest.equals(second.get(file))) {
                differences.put(file, digest + " " + second.get(file));
            }
        });
        second.forEach((file, digest) -> {
            if (!first.containsKey(file)) {
                differences.put(file, "only in the second build");
            }
        });
        return differences;
    }

    @Test
    void consumer_buildsFromAnEmptyLocalRepository() throws Exception {
        Consumer consumer = Consumer.create(folder.resolve("consumer"), tree, bundle);
        SourceTree.Build build =
                consumer.build(List.of("all-docs-packument", "all-docs-partition", "all-docs-storage-filesystem"));
        build.succeeds();
        assertThat(consumer.jars())
                .contains("all-docs-cache-" + bundle.version() + ".jar")
                .anyMatch(jar -> jar.startsWith("jackson-databind-"))
                .noneMatch(jar -> jar.matches("(netty|lettuce|junit|mockito|assertj|google-cloud|s3|sdk-core)-.*"));
        assertThat(consumer.run()).contains("filesystem");
    }

    @Test
    void consumerOfTheRedisQueue_getsTheNettyThatThisProjectTests() throws Exception {
        Consumer consumer = Consumer.create(folder.resolve("redis-consumer"), tree, bundle);
        consumer.build(List.of("all-docs-worker-redis", "all-docs-storage-filesystem"))
                .succeeds();
        String netty = Pattern.compile("<netty.version>([^<]+)<")
                .matcher(Files.readString(tree.root().resolve("pom.xml")))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        assertThat(consumer.jars())
                .filteredOn(jar -> jar.startsWith("netty-"))
                .isNotEmpty()
                .allMatch(jar -> jar.endsWith("-" + netty + ".jar"));
    }

    @Test
    void api_isComparedWithTheBundle_withoutInternalPackages() throws Exception {
        Path old = folder.resolve("baseline");
        ApiBaseline.copyOf(bundle, old, "all-docs-core"); // the build compares it too
        ApiBaseline baseline = ApiBaseline.copyOf(bundle, old, "all-docs-http-client");
        baseline.plant("io.alldocs.http.internal", "PlantedInternal");
        compareApi(baseline).succeeds();

        baseline.plant("io.alldocs.http", "PlantedType");
        SourceTree.Build broken = compareApi(baseline);
        assertThat(broken.exitCode()).isNotZero();
        assertThat(broken.output()).contains("io.alldocs.http.PlantedType").doesNotContain("PlantedInternal");
    }

    private SourceTree.Build compareApi(ApiBaseline baseline) throws Exception {
        return again.maven(
                Map.of(),
                "verify",
                "-pl",
                "http-client",
                "-am",
                "-Dapi.baseline=" + baseline.folder(),
                "-Dapi.baseline.version=" + bundle.version());
    }
}
