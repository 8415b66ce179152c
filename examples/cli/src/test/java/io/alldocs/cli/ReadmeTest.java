package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.http.FaultTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the README says in tables is what the code does. */
class ReadmeTest {
    private static final Path README = Path.of("../../README.md");
    private static final Pattern FAULTS = Pattern.compile("(<!-- fault table[^\n]*-->\n)((?:\\|[^\n]*\n)*)");

    @Test
    void errors_ofTheReadme_areTheClientsOwnTable() throws IOException {
        String page = Files.readString(README);
        Matcher table = FAULTS.matcher(page);
        assertThat(table.find()).isTrue();
        if (System.getProperty("readme.write") != null) {
            Files.writeString(
                    README, table.replaceFirst(Matcher.quoteReplacement(table.group(1) + FaultTable.markdown())));
            return;
        }

        assertThat(table.group(2))
                .as("mvn test -Dreadme.write brings it up to date")
                .isEqualTo(FaultTable.markdown());
    }

    @Test
    void options_ofTheReadme_areOptionsOfTheCommands() throws IOException {
        Pattern command = Pattern.compile("^  ([a-z-]+)  ", Pattern.MULTILINE);
        String help = command.matcher(Program.run("--help").out())
                .results()
                .map(found -> Program.run(found.group(1), "--help").out())
                .collect(Collectors.joining());
        Matcher option = Pattern.compile("`(--[a-z-]+)[^`]*`").matcher(Files.readString(README));
        while (option.find()) {
            assertThat(help).contains(option.group(1));
        }
    }

    @Test
    void plugins_ofTheReadme_haveTheVersionsOfThisBuild() throws IOException {
        Pattern plugin = Pattern.compile("<artifactId>(maven-\\w+-plugin)</artifactId>\\s+<version>([^<]+)</version>");
        String pom = Files.readString(README.resolveSibling("pom.xml"));
        Map<String, String> versions = new HashMap<>();
        plugin.matcher(pom).results().forEach(found -> versions.put(found.group(1), valueIn(pom, found.group(2))));

        assertThat(plugin.matcher(Files.readString(README)).results())
                .isNotEmpty()
                .allSatisfy(found -> assertThat(versions).containsEntry(found.group(1), found.group(2)));
    }

    /** What {@code ${name}} stands for, if it is that. */
    private static String valueIn(String pom, String version) {
        Matcher property = Pattern.compile("<" + version.replaceAll("[${}]", "") + ">([^<]+)<")
                .matcher(pom);
        return property.find() ? property.group(1) : version;
    }
}
