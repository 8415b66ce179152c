package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.http.NpmConfig.InForce;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the sources of the npm configuration and their precedence. */
class NpmConfigSourcesTest {

    private static final String REGISTRY = "https://npm.example/";

    @TempDir
    private Path folder;

    private Path home;
    private Path project;
    private Path global;
    private final Map<String, String> variables = new HashMap<>();

    @BeforeEach
    void makeFolders() throws IOException {
        home = Files.createDirectories(folder.resolve("home"));
        project = Files.createDirectories(folder.resolve("project"));
        global = folder.resolve("global.npmrc");
        variables.put("HOME", home.toString());
        variables.put("USERPROFILE", home.toString());
        variables.put("npm_config_globalconfig", global.toString());
    }

    @Test
    void load_projectWithAnUnrelatedSetting_keepsRegistryAndTokenOfTheUser() throws IOException {
        write(project, "fund=false\n");
        write(home, "registry=" + REGISTRY + "\n//npm.example/:_authToken=example-token\n");

        NpmConfig config = load();

        assertThat(config.registry()).contains(URI.create(REGISTRY));
        assertThat(config.authorizationFor(URI.create(REGISTRY))).contains("Bearer example-token");
    }

    @Test
    void load_registryOfTheProjectAndTokenOfTheUser_areMerged() throws IOException {
        write(project, "registry=" + REGISTRY + "\n");
        write(home, "registry=https://other.example/\n//npm.example/:_authToken=example-token\n");

        NpmConfig config = load();

        assertThat(config.registry()).contains(URI.create(REGISTRY));
        assertThat(config.authorizationFor(URI.create(REGISTRY))).contains("Bearer example-token");
        assertThat(config.authorizationFor(URI.create("https://other.example/")))
                .isEmpty();
    }

    @Test
    void load_everySource_theHighestCounts() throws IOException {
        Files.writeString(global, "registry=https://global.example/\n");
        assertRegistry("https://global.example/", global + ", line 1");
        write(home, "registry=https://user.example/\n");
        assertRegistry("https://user.example/", home.resolve(".npmrc") + ", line 1");
        write(project, "\nregistry=https://project.example/\n");
        assertRegistry("https://project.example/", project.resolve(".npmrc") + ", line 2");
        variables.put("npm_config_registry", "https://variable.example/");
        assertRegistry("https://variable.example/", "npm_config_registry");
        variables.put("NPM_REGISTRY", "https://named.example/");
        assertRegistry("https://named.example/", "NPM_REGISTRY");

        NpmConfig given = loader().option("registry", "https://given.example/", "--registry")
                .load();

        assertThat(given.registry()).contains(URI.create("https://given.example/"));
        assertThat(given.settings()).contains(new InForce("registry", "https://given.example/", "--registry"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"npm_config_registry", "NPM_CONFIG_REGISTRY", "Npm_Config_Registry", "NPM_REGISTRY"})
    void load_variableInAnyCase_namesTheRegistry(String name) {
        variables.put(name, REGISTRY);
        assertThat(load().registry()).contains(URI.create(REGISTRY));
        variables.put(name, " ");
        assertThat(load().registry()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "npm_config_userconfig",
                "NPM_CONFIG_USERCONFIG",
                "npm_config_globalconfig",
                "NPM_CONFIG_GLOBALCONFIG"
            })
    void load_variableThatNamesAFile_isFollowedWithoutUserFiles(String name) throws IOException {
        Path file = Files.writeString(folder.resolve("named"), "registry=" + REGISTRY);
        assertThat(NpmConfig.loader(Map.of(name, file.toString())).load().registry())
                .contains(URI.create(REGISTRY));
    }

    @Test
    void load_withoutUserFiles_readsNoFileThatNothingNames() throws IOException {
        write(home, "registry=" + REGISTRY + "\n");
        variables.remove("npm_config_globalconfig");
        assertThat(NpmConfig.loader(variables).load().registry()).isEmpty();
        assertThat(loader().load().registry()).contains(URI.create(REGISTRY));
    }

    @Test
    void load_prefix_leadsToTheGlobalFile() throws IOException {
        variables.remove("npm_config_globalconfig");
        Path etc = Files.createDirectories(folder.resolve("prefix/etc"));
        Files.writeString(etc.resolve("npmrc"), "registry=" + REGISTRY);
        write(home, "prefix=" + folder.resolve("prefix") + "\n");
        assertThat(load().registry()).contains(URI.create(REGISTRY));
        write(home, "");
        variables.put("PREFIX", folder.resolve("prefix").toString());
        assertThat(load().registry()).contains(URI.create(REGISTRY));
    }

    @Test
    void load_nodeOnThePath_leadsToTheGlobalFile() throws IOException {
        variables.remove("npm_config_globalconfig");
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        Path bin = Files.createDirectories(folder.resolve(windows ? "nodejs" : "usr/bin"));
        Path node = Files.createFile(bin.resolve(windows ? "node.exe" : "node"));
        assertThat(node.toFile().setExecutable(true)).isTrue();
        Path etc = Files.createDirectories((windows ? bin : folder.resolve("usr")).resolve("etc"));
        Files.writeString(etc.resolve("npmrc"), "registry=" + REGISTRY);
        variables.put("PATH", folder.resolve("empty") + System.getProperty("path.separator") + bin);
        assertThat(load().registry()).contains(URI.create(REGISTRY));
    }

    @Test
    void load_folderBelowAPackage_readsTheNpmrcOfThePackage() throws IOException {
        write(project, "registry=" + REGISTRY + "\n");
        Files.writeString(project.resolve("package.json"), "{}");
        Path below = Files.createDirectories(project.resolve("src/main"));
        assertThat(NpmConfig.loader(variables).project(below).load().registry()).contains(URI.create(REGISTRY));
    }

    @Test
    void load_nerfDartedVariable_isUsedAsItIs() {
        variables.put("npm_config_//npm.example/:_authToken", "example-token");
        assertThat(load().authorizationFor(URI.create(REGISTRY))).contains("Bearer example-token");
    }

    @Test
    void load_hostlessTokenOfTheUser_isNotSentToTheRegistryOfTheProject() throws IOException {
        write(project, "registry=https://evil.example/\n");
        write(home, "_authToken=example-token\n");
        NpmConfig config = load();
        assertThat(config.authorizationFor(URI.create("https://evil.example/"))).isEmpty();
        assertThat(config.authorizationFor(URI.create("https://registry.npmjs.com/")))
                .contains("Bearer example-token");
    }

    @Test
    void load_blanksThatNpmTrims_belongToNoValue() throws IOException {
        write(home, "\u00A0registry=" + REGISTRY + "\u00A0\n//npm.example/:_authToken=\u3000t\uFEFF\u00A0\n");
        assertThat(load().registry()).contains(URI.create(REGISTRY));
        assertThat(load().authorizationFor(URI.create(REGISTRY))).contains("Bearer t");
    }

    @Test
    void load_commentThatIsNotUtf8_isPassedAsNpmDoes() throws IOException {
        Files.write(
                home.resolve(".npmrc"), ("; caf\u00e9\nregistry=" + REGISTRY).getBytes(StandardCharsets.ISO_8859_1));
        assertThat(load().registry()).contains(URI.create(REGISTRY));
    }

    @Test
    void load_utf16WithoutMark_isAnErrorAndNeverAnotherRegistry() throws IOException {
        Files.write(home.resolve(".npmrc"), ("registry=" + REGISTRY).getBytes(StandardCharsets.UTF_16LE));
        assertThatThrownBy(this::load)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(".npmrc, line 1: it has a NUL character");
    }

    @ParameterizedTest
    @CsvSource({"UTF-8,true", "UTF-8,false", "UTF-16LE,true", "UTF-16BE,true"})
    void load_fileOfAnotherSystem_isReadLikeAnyOther(String charset, boolean mark) throws IOException {
        String text = (mark ? "\uFEFF" : "") + "registry=" + REGISTRY + "\r\n//npm.example/:_authToken=t\r\n";
        Files.write(home.resolve(".npmrc"), text.getBytes(Charset.forName(charset)));
        assertThat(load().registry()).contains(URI.create(REGISTRY));
        assertThat(load().authorizationFor(URI.create(REGISTRY))).contains("Bearer t");
    }

    @Test
    void scopesOutside_oneRegistry_areThoseOfOthers() {
        variables.put("npm_config_@acme:registry", "https://private.example/npm/team/");
        variables.put("npm_config_@open:registry", "https://registry.npmjs." + "org/");
        NpmConfig config = load();
        assertThat(config.scopesOutside(URI.create("https://registry.npmjs.com")))
                .containsExactly("@acme");
        assertThat(config.scopesOutside(URI.create("https://private.example/npm/team")))
                .containsExactly("@open");
    }

    @Test
    void settings_secrets_areMasked() throws IOException {
        variables.put("HTTPS_PROXY", "http://jo:example-pw@proxy.example:3128");
        variables.put("NO_PROXY", "localhost");
        write(
                home,
                "//npm.example/:_authToken=example-token\n//b.example/:username=jo\n//b.example/:_password="
                        + Base64.getEncoder().encodeToString("example-pw".getBytes(StandardCharsets.UTF_8))
                        + "\nca[]=one\nca[]=two\nfund=false\n");

        List<InForce> settings = load().settings();

        assertThat(settings)
                .contains(
                        new InForce("registry", "https://registry.npmjs.com/", "default"),
                        new InForce("proxy for https", "http://proxy.example:3128 (with a user)", "HTTPS_PROXY"),
                        new InForce("noproxy", "localhost", "NO_PROXY"),
                        new InForce("strict-ssl", "true", "default"),
                        new InForce("//npm.example/:_authToken", "***", home.resolve(".npmrc") + ", line 1"),
                        new InForce("//b.example/:username", "jo", home.resolve(".npmrc") + ", line 2"));
        assertThat(settings.toString()).doesNotContain("example-pw", "example-token", "ZXhhbXBsZS1wdw", "fund");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hunter2", "ftp://hunter2/", "https://user:hunter2@host/"})
    void load_unusableVariable_isNamedWithoutItsValue(String value) {
        variables.put("npm_config_registry", value);
        assertThatThrownBy(this::load)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("npm_config_registry: registry")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void load_credentialsOverHttp_isListedWhileItIsSetAndMustBeTrueOrFalse() {
        assertThat(load().settings()).noneMatch(each -> each.name().contains("HTTP"));
        variables.put("NPM_CREDENTIALS_OVER_HTTP", "true");
        assertThat(load().allowsCredentialsOverHttp()).isTrue();
        assertThat(load().settings())
                .contains(new InForce("NPM_CREDENTIALS_OVER_HTTP", "true", "NPM_CREDENTIALS_OVER_HTTP"));
        variables.put("NPM_CREDENTIALS_OVER_HTTP", "yes");
        assertThatThrownBy(this::load)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NPM_CREDENTIALS_OVER_HTTP must be true or false");
    }

    private void assertRegistry(String address, String source) {
        assertThat(load().registry()).contains(URI.create(address));
        assertThat(load().settings()).contains(new InForce("registry", address, source));
    }

    private static void write(Path folder, String text) throws IOException {
        Files.writeString(folder.resolve(".npmrc"), text);
    }

    private NpmConfigLoader loader() {
        return NpmConfig.loader(variables).userFiles(true).project(project);
    }

    private NpmConfig load() {
        return loader().load();
    }
}
