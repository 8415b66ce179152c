package io.alldocs.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * The help texts that all commands share. The main help groups the commands by task, and the help of each command ends
 * with an example.
 */
final class CommandGroups {
    private static final int NAME_COLUMNS = 20;

    /** Maps each group to its commands, and each command to its example. */
    private static final Map<String, Map<String, String>> GROUPS = new LinkedHashMap<>();

    static {
        group("Fetch, and keep current").put("bootstrap", "all-docs bootstrap --prefix express-");
        group("Fetch, and keep current").put("follow", "all-docs follow --prefix express- --metrics-port 9464");
        group("Fetch, and keep current").put("report", "all-docs report --prefix express- --html report.html");
        group("Inspect a cache").put("show", "all-docs show express latest --select dist.tarball");
        group("Inspect a cache").put("list", "all-docs list --kind packument --prefix express-");
        group("Inspect a cache").put("stats", "all-docs stats --json");
        group("Maintain a cache").put("verify", "all-docs verify --repair");
        group("Maintain a cache").put("clear", "all-docs clear --prefix express- --yes");
        group("Maintain a cache").put("export", "all-docs export packuments.jsonl.gz --kind packument");
        group("Maintain a cache").put("diff", "all-docs diff ./cache-of-monday");
        group("Maintain a cache").put("copy", "all-docs copy s3:my-bucket");
        group("Serve npm clients").put("mirror", "all-docs mirror --port 4873 --pull-through");
        group("Serve npm clients").put("policy", "all-docs policy express --policy policy.conf");
        group("Run many workers").put("fleet", "all-docs fleet --workers 3 --embedded 20000");
        group("Run many workers").put("seed", "QUEUE_DRIVER=redis all-docs seed --set nightly");
        group("Run many workers").put("worker", "all-docs worker --queue redis --port 8080");
        group("Run many workers").put("queue", "all-docs queue dead");
        group("Try, and set up").put("quickstart", "all-docs quickstart");
        group("Try, and set up").put("embedded-registry", "all-docs embedded-registry --names 50000 --churn 20");
        group("Try, and set up").put("config", "all-docs config");
        group("Try, and set up").put("completion", "source <(all-docs completion)");
        group("Try, and set up").put("help", "all-docs help bootstrap");
    }

    private CommandGroups() {}

    private static Map<String, String> group(String title) {
        return GROUPS.computeIfAbsent(title, unused -> new LinkedHashMap<>());
    }

    /** Changes the help texts of {@code commandLine} and its commands. */
    static void useIn(CommandLine commandLine) {
        commandLine.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, help -> "");
        commandLine.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, CommandGroups::listOfCommands);
        GROUPS.values()
                .forEach(group -> group.forEach((name, example) -> {
                    CommandLine command = commandLine.getSubcommands().get(name);
                    if (command != null) {
                        addExample(command.getCommandSpec().usageMessage(), example);
                    }
                }));
    }

    private static void addExample(UsageMessageSpec usage, String example) {
        List<String> footer = new ArrayList<>(Arrays.asList(usage.footer()));
        footer.add("");
        footer.add("Example: " + example);
        usage.footer(footer.toArray(String[]::new));
    }

    private static String listOfCommands(Help help) {
        StringBuilder text = new StringBuilder();
        GROUPS.forEach((title, commands) -> {
            TextTable table = TextTable.forColumns(
                    help.colorScheme(),
                    new Column(NAME_COLUMNS, 2, Overflow.SPAN),
                    new Column(help.commandSpec().usageMessage().width() - NAME_COLUMNS, 0, Overflow.WRAP));
            commands.keySet().forEach(name -> {
                Help command = help.subcommands().get(name);
                if (command != null) {
                    table.addRowValues(name, firstSentence(command.commandSpec().usageMessage()));
                }
            });
            text.append(String.format("%n%s:%n%s", title, table));
        });
        return text.toString();
    }

    private static String firstSentence(UsageMessageSpec usage) {
        String[] lines = usage.header().length > 0 ? usage.header() : usage.description();
        String first = lines.length == 0 ? "" : lines[0];
        int end = first.indexOf(". ");
        return end < 0 ? first : first.substring(0, end + 1);
    }
}
