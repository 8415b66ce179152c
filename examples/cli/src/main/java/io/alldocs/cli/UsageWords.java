package io.alldocs.cli;

import io.alldocs.spi.NearestName;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Explains what is wrong with a command line, and what to type instead. The message repeats only the first unknown
 * word, because the others may be secrets.
 */
final class UsageWords {
    private UsageWords() {}

    static String of(ParameterException exception, String[] args) {
        CommandLine command = exception.getCommandLine();
        if (exception instanceof UnmatchedArgumentException unmatched) {
            return ofUnmatched(command, unmatched.getUnmatched());
        }
        if (args.length > 1 && args[0].equals("help")) {
            return unknownCommand(args[args.length - 1], Main.allCommands());
        }
        ArgSpec argument = exception.getArgSpec();
        String value = exception.getValue();
        if (argument != null && value != null) {
            return wrongValue(argument, value).orElseGet(() -> sentence(exception.getMessage()));
        }
        return sentence(exception.getMessage());
    }

    private static String ofUnmatched(CommandLine command, List<String> words) {
        String first = words.get(0).replaceFirst("=.*", "");
        CommandSpec spec = command.getCommandSpec();
        if (first.startsWith("-") && first.length() > 1) {
            return "Unknown option '" + first + "' of " + spec.qualifiedName() + "."
                    + meant(first, spec.optionsMap().keySet()).orElseGet(() -> whose(first));
        }
        if (spec.parent() == null) {
            return unknownCommand(first, Main.allCommands());
        }
        return "Unexpected argument '" + first + "': " + spec.qualifiedName() + " takes "
                + (spec.positionalParameters().isEmpty() ? "options only." : "fewer arguments.");
    }

    private static String unknownCommand(String word, CommandLine all) {
        return "Unknown command '" + word + "'."
                + meant(word, all.getSubcommands().keySet()).orElse("");
    }

    private static Optional<String> meant(String word, Collection<String> known) {
        return NearestName.to(word, known).map(name -> " Did you mean " + name + "?");
    }

    /** Returns a sentence with the other commands that have the option; empty if there are none. */
    private static String whose(String option) {
        String commands = Main.allCommands().getSubcommands().entrySet().stream()
                .filter(each -> each.getValue().getCommandSpec().optionsMap().containsKey(option))
                .map(each -> each.getKey())
                .collect(Collectors.joining(", "));
        return commands.isEmpty() ? "" : " It is an option of: " + commands + ".";
    }

    /** Returns the message for a wrong value. Empty for types whose converter has its own message. */
    private static Optional<String> wrongValue(ArgSpec argument, String value) {
        String name = argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
        Class<?> type = argument.typeInfo().getType();
        if (type.isEnum()) {
            List<String> known = Arrays.stream(type.getEnumConstants())
                    .map(each -> each.toString().toLowerCase(Locale.ROOT))
                    .toList();
            return Optional.of(name + " must be one of " + String.join(", ", known) + ", not '" + value + "'."
                    + meant(value, known).orElse(""));
        }
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return Optional.of(name + " must be a whole number, not '" + value + "'.");
        }
        return type == double.class || type == Double.class
                ? Optional.of(name + " must be a number, not '" + value + "'.")
                : Optional.empty();
    }

    private static String sentence(@org.jspecify.annotations.Nullable String message) {
        String line = String.valueOf(message);
        return line.endsWith(".") || line.endsWith("?") ? line : line + ".";
    }
}
