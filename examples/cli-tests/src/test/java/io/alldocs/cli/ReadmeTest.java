package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.http.ErrorTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that the tables of the guides match the code. */
class ReadmeTest {
    private static final Path ROOT = Path.of("../..");
    private static final Path HTTP = ROOT.resolve("http-client/README.md");
    private static final Path DRIVERS = ROOT.resolve("storage-drivers/contract/README.md");
    private static final Pattern FAULTS = Pattern.compile("(<!-- fault table[^\n]*-->\n)((?:\\|[^\n]*\n)*)");

    @Test
    void readme_isShort() throws IOException {
        assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(200);
    }

    @Test
    void errors_ofTheHttpGuide_areTheClientsOwnTable() throws IOException {
        String page = Files.readString(HTTP);
        Matcher table = FAULTS.matcher(page);
        assertThat(table.find()).isTrue();
        if (System.getProperty("readme.write") != null) {
            Files.writeString(
                    HTTP, table.replaceFirst(Matcher.quoteReplacement(table.group(1) + ErrorTable.markdown())));
            return;
        }

        assertThat(table.group(2)).as("mvn test -Dreadme.write updates it").isEqualTo(ErrorTable.markdown());
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "examples/cli/README.md", "worker/core/README.md", "worker/mirror/README.md"})
    void options_ofAGuide_areOptionsOfTheCommands(String guide) throws IOException {
        Pattern command = Pattern.compile("^  ([a-z-]+)  ", Pattern.MULTILINE);
        String help = command.matcher(Program.run("--help").out())
                .results()
                .map(found -> Program.run(found.group(1), "--help").out())
                .collect(Collectors.joining());
        Matcher option = Pattern.compile("`(--[a-z-]+)[^`]*`").matcher(Files.readString(ROOT.resolve(guide)));
        while (option.find()) {
            assertThat(help).contains(option.group(1));
        }
    }

    @Test
    void plugins_ofTheDriverGuide_haveTheVersionsOfThisBuild() throws IOException {
        Pattern plugin = Pattern.compile("<artifactId>(maven-\\w+-plugin)</artifactId>\\s+<version>([^<]+)</version>");
        String pom = Files.readString(ROOT.resolve("pom.xml"));
        Map<String, String> versions = new HashMap<>();
        plugin.matcher(pom).results().forEach(found -> versions.put(found.group(1), valueIn(pom, found.group(2))));

        assertThat(plugin.matcher(Files.readString(DRIVERS)).results())
                .isNotEmpty()
                .allSatisfy(found -> assertThat(versions).containsEntry(found.group(1), found.group(2)));
    }

    /**
     * Returns the value of the property if {@code version} is a reference such as {@code ${name}}. Otherwise, returns
     * {@code version}.
     */
    private static String valueIn(String pom, String version) {
        Matcher property = Pattern.compile("<" + version.replaceAll("[${}]", "") + ">([^<]+)<")
                .matcher(pom);
        return property.find() ? property.group(1) : version;
    }
}
