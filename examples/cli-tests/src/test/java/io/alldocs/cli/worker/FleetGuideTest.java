package io.alldocs.cli.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.JsonTree;
import io.alldocs.cli.Program;
import io.alldocs.worker.WorkItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Checks that the program has the commands, the options and the item that the guide to fleets shows. */
class FleetGuideTest {
    private static final Path GUIDE = Path.of("../../worker/core/README.md");
    private static final Pattern COMMAND = Pattern.compile("(?m)^java -jar (?:\\S*/)?all-docs\\.jar (\\S+)(.*)$");
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");

    private final String guide;

    FleetGuideTest() throws IOException {
        guide = Files.readString(GUIDE);
    }

    private static String help(String command) {
        return Program.run(command, "--help").out();
    }

    private static List<String> options(String text) {
        return OPTION.matcher(text).results().map(MatchResult::group).toList();
    }

    /** Returns whether the help lists an option. {@code --[no-]follow} in the help means two options. */
    private static boolean knows(String help, String option) {
        return help.contains(option) || help.contains("--[no-]" + option.replaceFirst("--(no-)?", ""));
    }

    @Test
    void commands_ofTheGuide_areKnown_withTheirOptions() {
        List<MatchResult> commands = COMMAND.matcher(guide).results().toList();
        assertThat(commands).hasSizeGreaterThan(5);
        assertThat(commands).allSatisfy(command -> {
            String help = help(command.group(1));
            assertThat(help).startsWith("Usage: all-docs " + command.group(1));
            assertThat(options(command.group(2))).allMatch(option -> knows(help, option));
        });
    }

    @Test
    void table_ofTheGuide_hasTheOptionsOfFleet() {
        String table = guide.substring(guide.indexOf("| option of `fleet`"), guide.indexOf("## On several machines"));
        String help = help("fleet");
        assertThat(options(table)).hasSizeGreaterThan(15).allMatch(option -> knows(help, option));
    }

    @Test
    void item_ofTheGuide_isWhatSeedAdds() throws IOException {
        int start = guide.indexOf("```json") + "```json".length();
        JsonNode json = new ObjectMapper().readTree(guide.substring(start, guide.indexOf("```", start)));
        WorkItem shown = WorkItem.of(JsonTree.of(json));
        WorkItem added = picocli.CommandLine.populateCommand(new PlanOptions(), "--no-follow")
                .item();
        assertThat(shown.type()).isEqualTo(added.type());
        assertThat(shown.id()).isEqualTo(added.id());
        assertThat(shown.payload()).isEqualTo(added.payload());
    }
}
