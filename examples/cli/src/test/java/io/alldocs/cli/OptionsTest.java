package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Checks that the same option has the same name, value and meaning in every command. */
class OptionsTest {
    /**
     * Options that have two meanings, because both meanings are common. {@code --origin} is a server to fetch from, or
     * a filter of stored entries. {@code --names} is a file, or a number.
     */
    private static final Map<String, Integer> MEANINGS = Map.of("--origin", 2, "--names", 2);

    /** Commands that print a script or a few fixed lines. */
    private static final Set<String> WITHOUT_OUTPUT_OPTIONS = Set.of("completion", "quickstart", "help");

    static List<String> commands() {
        return Main.allCommands().getSubcommands().keySet().stream()
                .filter(name -> !WITHOUT_OUTPUT_OPTIONS.contains(name))
                .toList();
    }

    @Test
    void option_inAllCommands_hasOneMeaning() {
        Map<String, Set<String>> meanings = new TreeMap<>();
        Main.allCommands()
                .getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec().options().stream()
                        .filter(option -> !option.usageHelp()) // picocli defines the option of the command help
                        .forEach(option -> meanings.computeIfAbsent(option.longestName(), name -> new TreeSet<>())
                                .add(meaning(option))));

        assertThat(meanings)
                .allSatisfy((name, texts) -> assertThat(texts).as(name).hasSize(MEANINGS.getOrDefault(name, 1)));
    }

    /** Returns names, label and description without the default, which may differ between commands. */
    private static String meaning(OptionSpec option) {
        String text = String.join(" ", option.description());
        int defaults = text.indexOf(" Default: ");
        return String.join("|", option.names()) + " " + option.paramLabel() + ": "
                + (defaults < 0 ? text : text.substring(0, defaults));
    }

    @Test
    void option_ofOneMeaning_hasOneName() {
        Map<String, Set<String>> names = new TreeMap<>();
        Main.allCommands()
                .getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec()
                        .options()
                        .forEach(option -> names.computeIfAbsent(
                                        String.join(" ", option.description()), text -> new TreeSet<>())
                                .add(option.longestName())));

        assertThat(names).allSatisfy((text, same) -> assertThat(same).as(text).hasSize(1));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommand_hasJsonQuietAndVerbose(String command) {
        assertThat(Main.allCommands()
                        .getSubcommands()
                        .get(command)
                        .getCommandSpec()
                        .optionsMap())
                .containsKeys("--json", "--quiet", "--verbose", "--help", "--version");
    }

    @ParameterizedTest
    @MethodSource("jobCommands")
    void everyCommandOfAJob_hasTheOptionsThatNameAJob(String command) {
        assertThat(Main.allCommands()
                        .getSubcommands()
                        .get(command)
                        .getCommandSpec()
                        .optionsMap())
                .containsKeys("--embedded", "--port", "--origin", "--registry", "--report")
                .containsKeys("--prefix", "--start", "--end", "--names-only")
                .containsKeys("--allow", "--deny", "--allow-file", "--deny-file");
    }

    static List<String> jobCommands() {
        return List.of("bootstrap", "report", "follow", "fleet");
    }

    @Test
    void seed_hasTheOptionsOfAFleet() {
        CommandLine all = Main.allCommands();
        Set<String> seed =
                all.getSubcommands().get("seed").getCommandSpec().optionsMap().keySet();

        assertThat(seed)
                .contains("--prefix", "--start", "--end", "--allow", "--deny", "--pivots", "--names-only", "--json");
        assertThat(all.getSubcommands()
                        .get("fleet")
                        .getCommandSpec()
                        .optionsMap()
                        .keySet())
                .containsAll(seed);
    }
}
