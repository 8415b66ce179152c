package io.alldocs.cli.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cli.UsageException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesInputTest {
    @TempDir
    Path folder;

    @Test
    void open_jsonArray_givesItsNames() throws Exception {
        assertThat(Files.readAllLines(ofCase("names.json").file())).containsExactly("alpha", "beta", "@acme/tool");
    }

    @Test
    void open_specs_givesEachNameOnce_andOneNote() throws Exception {
        NamesInput input = ofCase("specs.txt");

        assertThat(Files.readAllLines(input.file())).containsExactly("alpha", "beta", "@acme/tool");
        assertThat(input.notes()).singleElement().asString().contains("Versions, ranges and tags");
    }

    @Test
    void open_packageJson_givesAllDependencies_andSkipsFolders() throws Exception {
        NamesInput input = ofCase("package.json");

        assertThat(Files.readAllLines(input.file())).containsExactly("alpha", "beta", "@acme/tool", "gamma", "delta");
        assertThat(input.notes()).anyMatch(note -> note.contains("not from a registry: mine."));
    }

    @Test
    void open_lockfile_givesEveryPackageButTheProject() throws Exception {
        assertThat(Files.readAllLines(ofCase("package-lock.json").file()))
                .containsExactly("alpha", "beta", "@acme/tool");
    }

    @ParameterizedTest
    @CsvSource({
        "quoted-lines.txt, line 1:",
        "not-a-name.txt, line 2:",
        "not-a-text.json, element 2:",
        "broken.json, starts like JSON but is not valid JSON: line 2",
    })
    void open_entryThatIsNoName_saysWhere(String file, String where) {
        assertThatThrownBy(() -> ofCase(file))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(where);
    }

    @Test
    void open_lockfileOfVersion1_readsNestedDependenciesAndAliases() throws Exception {
        NamesInput input = of("""
                {"name":"my-app","lockfileVersion":1,"dependencies":{
                  "alpha":{"version":"1.0.0","dependencies":{"beta":{"version":"1.1.0"}}},
                  "nick":{"version":"npm:gamma@2.0.0"},
                  "cloned":{"version":"git+ssh://git@example.com/cloned.git#0123"},
                  "mine":{"version":"file:../mine"}}}""");

        assertThat(Files.readAllLines(input.file())).containsExactly("alpha", "beta", "gamma");
        assertThat(input.notes()).anyMatch(note -> note.endsWith("cloned, mine."));
    }

    @Test
    void open_lockfileWithWorkspacesAliasesAndRepositories_keepsWhatARegistryHas() throws Exception {
        NamesInput input = of("""
                {"name":"my-app","lockfileVersion":3,"packages":{
                  "":{"name":"my-app"},
                  "packages/one":{"name":"one","version":"1.0.0"},
                  "node_modules/one":{"resolved":"packages/one","link":true},
                  "node_modules/nick":{"name":"beta","version":"1.0.0","resolved":"https://registry.example/beta/-/beta-1.0.0.tgz"},
                  "node_modules/cloned":{"version":"1.0.0","resolved":"git+ssh://git@example.com/cloned.git#0123"}}}""");

        assertThat(Files.readAllLines(input.file())).containsExactly("beta");
        assertThat(input.notes()).anyMatch(note -> note.endsWith("one, cloned."));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "git+ssh://git@example.com/a.git",
                "alpha@git+https://example.com/a.git",
                "alpha@file:../alpha",
                "alpha@workspace:*",
                "owner/repository",
                "./alpha",
                "alpha@https://example.com/alpha.tgz",
                "alpha,",
                "'alpha'",
                "alpha # the first",
                "alpha, beta",
                "alpha\u200b",
                "..\\alpha",
                "C:\\work\\alpha",
                "alpha-1.0.0.tgz",
                "@acme",
                "packages:"
            })
    void open_lineThatNamesNoPackageOfARegistry_isAnError(String line) {
        assertThatThrownBy(() -> of("good\n" + line + "\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("line 2:")
                .hasMessageContaining("no request was sent");
    }

    @ParameterizedTest
    @CsvSource({
        "react@18.2.0, react",
        "@types/node@^20, @types/node",
        "npm:beta@1, beta",
        "nick@npm:@acme/tool@1, @acme/tool",
        "JSONStream, JSONStream",
        "/express, express",
        "@scope%2fname, @scope/name",
        "it's, it's",
        "*, *",
    })
    void open_oneLine_givesTheNameInIt(String line, String name) throws Exception {
        assertThat(Files.readAllLines(of(line).file())).containsExactly(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[\"alpha\"] x",
                "[\"alpha\"][\"beta\"]",
                "{\"dependencies\":{\"alpha\":\"1\"}}\n{\"dependencies\":{}}"
            })
    void open_moreBehindTheJson_isAnError(String text) {
        assertThatThrownBy(() -> of(text)).isInstanceOf(UsageException.class).hasMessageContaining("is not valid JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
    void open_jsonOfAnySystem_isRead(String charset) throws Exception {
        Path file = folder.resolve("names.json");
        Files.write(file, "\ufeff[\r\n\"alpha\",\r\n\"beta\"]".getBytes(Charset.forName(charset)));

        assertThat(Files.readAllLines(NamesInput.open(file.toString(), InputStream.nullInputStream())
                        .file()))
                .containsExactly("alpha", "beta");
    }

    @Test
    void open_standardInput_isReadThrough() throws Exception {
        NamesInput input =
                NamesInput.open("-", new ByteArrayInputStream("[\"alpha\"]".getBytes(StandardCharsets.UTF_8)));

        assertThat(Files.readAllLines(input.file())).containsExactly("alpha");
        assertThat(input.label()).isEqualTo("standard input");
    }

    @Test
    void open_oneLongLineOfJson_isRead() throws Exception {
        String padding = "x".repeat(100_000);

        NamesInput input = of("{\"name\":\"" + padding + "\",\"dependencies\":{\"alpha\":\"1\"}}");

        assertThat(Files.readAllLines(input.file())).containsExactly("alpha");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# only a comment", "[]", "{\"dependencies\":{}}"})
    void open_nothing_isAnError(String text) {
        assertThatThrownBy(() -> of(text)).isInstanceOf(UsageException.class).hasMessageContaining("no package name");
    }

    @Test
    void open_otherJson_saysWhatIsAccepted() {
        assertThatThrownBy(() -> of("{\"a\":1}"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("package-lock.json");
    }

    @Test
    void open_thousandsOfNames_keepsEachOnce() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            lines.append("name-").append(i % 10_000).append('\n');
        }

        assertThat(Files.readAllLines(of(lines.toString()).file()))
                .hasSize(10_000)
                .doesNotHaveDuplicates();
    }

    @Test
    void open_passwordInAnAddress_isNotRepeated() {
        assertThatThrownBy(() -> of("alpha@git+https://user:secret@example.com/a.git"))
                .isInstanceOf(UsageException.class)
                .hasMessageNotContaining("secret");
    }

    private NamesInput of(String text) throws Exception {
        Path file = folder.resolve("input");
        Files.writeString(file, text);
        return NamesInput.open(file.toString(), InputStream.nullInputStream());
    }

    private static NamesInput ofCase(String file) throws Exception {
        Path path = Path.of(
                Objects.requireNonNull(NamesInputTest.class.getResource("/io/alldocs/cli/cases/25-names-lists/" + file))
                        .toURI());
        return NamesInput.open(path.toString(), InputStream.nullInputStream());
    }
}
