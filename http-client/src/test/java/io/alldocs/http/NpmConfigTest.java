package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpmConfigTest {

    private static final Map<String, String> ENVIRONMENT =
            Map.of("TOKEN", "from-env", "HOST", "npm.example", "EMPTY", "");

    @TempDir
    Path folder;

    @Test
    void load_registries_defaultAndScoped() {
        NpmConfig config = load("""
                ; the company's
                registry=https://npm.example/npm/
                @corp:registry = "https://corp.example:8443/r/"
                registry=https://npm.example/last
                fund=false
                key[]=a
                bare
                """);
        assertThat(config.registry()).contains(URI.create("https://npm.example/last"));
        assertThat(config.registryForScope("@corp")).contains(URI.create("https://corp.example:8443/r/"));
        assertThat(config.registryForScope("corp")).isPresent();
        assertThat(config.registryForScope("@other")).isEmpty();
    }

    @Test
    void registryForScope_otherLetterCase_isNeverTheDefaultRegistry() {
        NpmConfig config = load("""
                @Corp:registry=https://corp.example/
                @corp2:registry=https://a.example/
                @CORP2:registry=https://b.example/
                """);
        assertThat(config.registryForScope("@corp")).contains(URI.create("https://corp.example/"));
        assertThat(config.registryForScope("@corp2")).contains(URI.create("https://a.example/"));
        assertThat(config.registryForScope("@CORP2")).contains(URI.create("https://b.example/"));
        assertThat(config.scopesOutside(URI.create("https://registry.npmjs.com/"))
                        .contains("@CORP"))
                .isTrue();
    }

    @Test
    void load_credentials_longestPathWins() {
        NpmConfig config =
                load("""
                //npm.example/:_authToken=root
                //npm.example/a/b/:_authToken=deep
                //npm.example/a:_authToken=middle
                //npm.example:8443/:_auth=Zm9vOmJhcg==
                //basic.example/:username=me
                //basic.example/:_password=%s
                //NPM.upper/:_authToken=upper
                """.formatted(Base64.getEncoder().encodeToString("pässword".getBytes(StandardCharsets.UTF_8))));
        assertAuth(config, "https://npm.example", "Bearer root");
        assertAuth(config, "https://npm.example/express", "Bearer root");
        assertAuth(config, "https://npm.example/a", "Bearer middle");
        assertAuth(config, "https://npm.example/ab", "Bearer root");
        assertAuth(config, "https://npm.example/a/bc", "Bearer middle");
        assertAuth(config, "https://npm.example/a/b", "Bearer deep");
        assertAuth(config, "https://npm.example/a/b/c?d=/e", "Bearer deep");
        assertAuth(config, "https://npm.example/a/b/../x", "Bearer middle");
        assertAuth(config, "https://npm.example:443/", "Bearer root");
        assertAuth(config, "https://npm.example:8443/x", "Basic Zm9vOmJhcg==");
        assertAuth(
                config,
                "https://basic.example/x",
                "Basic " + Base64.getEncoder().encodeToString("me:pässword".getBytes(StandardCharsets.UTF_8)));
        assertAuth(config, "https://npm.UPPER/x", "Bearer upper");
        assertThat(config.authorizationFor(URI.create("https://example/"))).isEmpty();
        assertThat(config.authorizationFor(URI.create("https://npm.example.evil/")))
                .isEmpty();
        assertThat(config.authorizationFor(URI.create("https://npm.example:444/")))
                .isEmpty();
    }

    @Test
    void load_severalFormsForOnePlace_tokenFirst() {
        assertAuth(load("//h.example/:_auth=YTpi\n//h.example/:_authToken=t\n"), "https://h.example/", "Bearer t");
        assertAuth(
                load("//h.example/:username=a\n//h.example/:_password=Yg==\n//h.example/:_auth=YTpi"),
                "https://h.example/",
                "Basic YTpi");
        assertThat(load("//h.example/:username=a").authorizationFor(URI.create("https://h.example/")))
                .isEmpty();
        assertAuth(
                // the URL-safe alphabet, as Node decodes it
                load("//h.example/:username=a\n//h.example/:_password=Pz8_Pj4-"),
                "https://h.example/",
                "Basic " + Base64.getEncoder().encodeToString("a:???>>>".getBytes(StandardCharsets.UTF_8)));
        assertThat(load("//h.example/:_authToken=").authorizationFor(URI.create("https://h.example/")))
                .isEmpty();
    }

    @Test
    void load_credentialsWithoutHost_areForTheRegistry() {
        assertAuth(load("_authToken=t\nregistry=https://npm.example/r/"), "https://npm.example/r/x", "Bearer t");
        assertThat(load("_authToken=t\nregistry=https://npm.example/r/")
                        .authorizationFor(URI.create("https://npm.example/q")))
                .isEmpty();
        assertAuth(load("_auth=YTpi"), "https://registry.npmjs.com/x", "Basic YTpi");
    }

    @Test
    void load_variables_areReplacedAsNpmDoes() {
        NpmConfig config = load("""
                registry=https://${HOST}/${NOT_SET?}x
                //${HOST}/:_authToken=${TOKEN}
                //b.example/:_authToken=a${EMPTY}b
                //c.example/:_authToken=\\${TOKEN}
                """);
        assertThat(config.registry()).contains(URI.create("https://npm.example/x"));
        assertAuth(config, "https://npm.example/", "Bearer from-env");
        assertAuth(config, "https://b.example/", "Bearer ab");
    }

    @ParameterizedTest
    @CsvSource({
        "a${TOKEN}b,afrom-envb", "${NOT_SET},${NOT_SET}", "${NOT_SET?},''", "${TOKEN?},from-env", "${EMPTY},''",
        "\\${TOKEN},${TOKEN}", "\\\\${TOKEN},\\from-env", "${TOKEN:-x},${TOKEN:-x}", "$TOKEN,$TOKEN", "${},${}"
    })
    void expand_eachForm_isThatOfNpm(String text, String expected) {
        assertThat(Ini.expand(text, ENVIRONMENT::get)).isEqualTo(expected);
    }

    @Test
    void load_credentialOfAnUnsetVariable_isLeftOut() {
        NpmConfig config = load("//h.example/:_authToken=${NOT_SET}\n");
        assertThat(config.authorizationFor(URI.create("https://h.example/"))).isEmpty();
    }

    @Test
    void load_tokenOfEnvironment_isForTheNpmRegistryOnly() {
        NpmConfig config = NpmConfig.loader(Map.of("NPM_TOKEN", " t1 ")).load();
        assertAuth(config, "https://registry.npmjs.com/express", "Bearer t1");
        assertThat(config.authorizationFor(URI.create("https://replicate.npmjs.com/")))
                .isEmpty();
        assertThat(config.authorizationFor(URI.create("https://registry.npmjs.com.evil.example/")))
                .isEmpty();
        assertThat(config.authorizationFor(URI.create("https://registry.npmjs.com:8443/")))
                .isEmpty();
        assertThat(NpmConfig.loader(Map.of("NPM_TOKEN", " "))
                        .load()
                        .authorizationFor(URI.create("https://registry.npmjs.com/")))
                .isEmpty();
    }

    @Test
    void load_tokenForTheOtherNameOfTheNpmRegistry_holds() {
        String alias = "registry.npmjs." + "org";
        assertAuth(load("//" + alias + "/:_authToken=t"), "https://registry.npmjs.com/x", "Bearer t");
        assertAuth(load("//registry.npmjs.com/:_authToken=t"), "https://" + alias + "/x", "Bearer t");
    }

    @Test
    void load_environmentAndFile_environmentWins() throws IOException {
        Path file = Files.writeString(folder.resolve(".npmrc"), "//registry.npmjs.com/:_authToken=file");
        assertAuth(
                NpmConfig.loader(Map.of("NPM_TOKEN", "env", "npm_config_userconfig", file.toString()))
                        .load(),
                "https://registry.npmjs.com/",
                "Bearer env");
    }

    @Test
    void load_noFile_isWhatTheEnvironmentSays() {
        NpmConfig config = NpmConfig.loader(Map.of(
                        "NPM_TOKEN",
                        "t",
                        "npm_config_userconfig",
                        folder.resolve("absent").toString()))
                .load();
        assertAuth(config, "https://registry.npmjs.com/", "Bearer t");
        assertThat(NpmConfig.empty().registry()).isEmpty();
        assertThat(NpmConfig.empty().authorizationFor(URI.create("https://h.example/")))
                .isEmpty();
    }

    @Test
    void load_unreadable_saysWhich() {
        assertThatThrownBy(() -> load(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(folder.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "registry=hunter2",
                "registry=ftp://hunter2/",
                "@s:registry=https://user:hunter2@host/",
                "registry=https://hunter2 space/",
                "//h.example/:_password=hunter2!",
                "//h.example/:_authToken=\"hunter2\\u0000\"",
                "//h.example/:_authToken=\"hunter2\\nx: y\""
            })
    void load_unusableSetting_namesFileLineAndNameButNeverTheValue(String setting) {
        assertThatThrownBy(() -> load("; comment\r\n\r\n" + setting + "\nfund=false"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(".npmrc, line 3: " + setting.substring(0, setting.indexOf('=')))
                .hasMessageNotContaining("hunter2")
                .hasNoCause();
        assertThatThrownBy(() ->
                        NpmConfig.loader(Map.of("NPM_TOKEN", "hunter2\nx")).load())
                .hasMessageContaining("NPM_TOKEN")
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a=b|a|b",
                " a = b |a|b",
                "a=b ; c|a|b",
                "a=b\\;c|a|b;c",
                "a=b\\#c|a|b#c",
                "a=b\\\\c|a|b\\c",
                "a=b\\c|a|b\\c",
                "a=\"b;c\"|a|b;c",
                "a='b;c'|a|b;c",
                "a='\"b\"'|a|b",
                "a=\"b\\u0041\"|a|bA",
                "a=\"b\"c\"|a|\"b\"c\"",
                "a|a|true",
                "a=b=c|a|b=c",
                "\"x y\"=1|x y|1",
                "a=\"|a|\""
            })
    void parse_iniForms_areReadAsNpmDoes(String line, String name, String value) {
        assertThat(Ini.parse(line)).containsExactly(new Ini.Setting(1, name, value, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "; x", "  # x", "[section]\na=b", "=x"})
    void parse_nothingToRead_isEmpty(String text) {
        assertThat(Ini.parse(text)).isEmpty();
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void parse_anyWrittenValues_comeBack(@ForAll("texts") String first, @ForAll("texts") String second) {
        String file = "a=" + quoted(first) + "\r\nb = " + quoted(second) + " \n";
        assertThat(Ini.parse(file))
                .containsExactly(new Ini.Setting(1, "a", first, false), new Ini.Setting(2, "b", second, false));
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void load_anyToken_reachesItsHostAndNoToString(@ForAll("tokens") String token) throws IOException {
        Path file = Files.createTempFile("config", ".npmrc");
        try {
            Files.writeString(file, "//npm.example/:_authToken=" + quoted(token) + "\n");
            NpmConfig config = load(file);
            assertAuth(config, "https://npm.example/x", "Bearer " + token);
            assertThat(config.toString()).contains("npm.example").doesNotContain(token);
        } finally {
            Files.delete(file);
        }
    }

    @Property(tries = 300)
    void parse_anyText_neverFails(@ForAll String text) {
        assertThat(Ini.parse(text)).allMatch(setting -> setting.line() >= 1);
    }

    @Test
    void bearerAndBasic_unusable_areRefusedWithoutTheSecret() {
        URI origin = URI.create("https://h.example/");
        assertThatThrownBy(() -> Credentials.bearer(origin, "hunter2\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> Credentials.bearer(origin, " ")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Credentials.basic(origin, "a:b", "hunter2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("hunter2");
        assertThat(Credentials.basic(origin, "me", "hunter2").authorizationFor(origin))
                .contains("Basic bWU6aHVudGVyMg==");
        assertThat(Credentials.bearer(origin, "hunter2").toString())
                .contains("h.example")
                .doesNotContain("hunter2");
    }

    @Test
    void bearer_otherOriginOrPath_isNotSent() {
        Credentials credentials = Credentials.bearer(URI.create("https://h.example/a"), "t");
        for (String uri : new String[] {
            "http://h.example/a",
            "https://h.example:8443/a",
            "https://h.example/ab",
            "https://h.example/a/../b",
            "https://i.example/a"
        }) {
            assertThat(credentials.authorizationFor(URI.create(uri))).as(uri).isEmpty();
        }
        for (String uri :
                new String[] {"https://H.example/a", "https://h.example:443/a/b?c", "https://h.example/b/../a"}) {
            assertThat(credentials.authorizationFor(URI.create(uri))).as(uri).isPresent();
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings()
                .withChars("ab =;#\\\"'[]:/${}?\t\u00e4\n\r")
                .ofMaxLength(20);
    }

    @Provide
    Arbitrary<String> tokens() {
        return Arbitraries.strings()
                .withChars("abcXYZ019-_./+=;#\\\"'~")
                .ofMinLength(4)
                .ofMaxLength(40);
    }

    /** Returns a value as JSON, the only form of npm's ini that can represent every text. */
    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars()
                .forEach(c -> json.append(
                        c == '"' || c == '\\' || c < ' ' ? String.format("\\u%04x", c) : String.valueOf((char) c)));
        return json.append('"').toString();
    }

    private NpmConfig load(String text) {
        try {
            return load(Files.writeString(folder.resolve(".npmrc"), text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static NpmConfig load(Path file) {
        Map<String, String> variables = new HashMap<>(ENVIRONMENT);
        variables.put("npm_config_userconfig", file.toString());
        return NpmConfig.loader(variables).load();
    }

    private static void assertAuth(NpmConfig config, String uri, String expected) {
        assertThat(config.authorizationFor(URI.create(uri))).as(uri).contains(expected);
    }
}
