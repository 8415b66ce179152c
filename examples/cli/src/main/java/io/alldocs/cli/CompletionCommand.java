package io.alldocs.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a script that completes commands and options in a shell. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Prints a script that completes the commands and options of all-docs in bash and in zsh.",
            "Load it in the startup file of your shell, ~/.bashrc or ~/.zshrc."
        },
        footer = {"", "Example: source <(all-docs completion)"})
public final class CompletionCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "bash|zsh", description = "The shell. The script is the same for both.")
    @SuppressWarnings("UnusedVariable") // set by picocli; the script is the same for every shell
    private @Nullable Shell shell;

    private enum Shell {
        BASH,
        ZSH
    }

    /** Creates the command; called by {@link Main}. */
    CompletionCommand() {}

    @Override
    public Integer call() {
        spec.commandLine()
                .getOut()
                .print(AutoComplete.bash("all-docs", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
        return ExitCode.COMPLETE;
    }
}
