package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

    @ParameterizedTest
    @MethodSource("commands")
    void help_ofEveryCommand_describesItWithAnExample(String command) {
        PrintStream before = System.err;
        ByteArrayOutputStream warnings = new ByteArrayOutputStream();
        Program.Result result;
        System.setErr(new PrintStream(warnings, true, StandardCharsets.UTF_8));
        try {
            result = Program.run(command, "--help");
        } finally {
            System.setErr(before);
        }

        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains("Usage: all-docs " + command).contains("Example: ");
        assertThat(result.err()).isEmpty();
        assertThat(warnings.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void example_ofEveryCommand_canBeParsed(String command) {
        String help = Program.run(command, "--help").out();
        String example = help.substring(help.lastIndexOf("Example: ") + "Example: ".length())
                .strip();

        assertThat(example).contains("all-docs ");
        String line = example.substring(example.indexOf("all-docs ") + "all-docs ".length())
                .replace(")", "");
        Main.allCommands().parseArgs(line.split(" "));
    }

    static Stream<String> commands() {
        return Main.allCommands().getSubcommands().keySet().stream();
    }

    @Test
    void completion_namesEveryCommandAndItsOptions() {
        String script = Program.run("completion").out();

        assertThat(script).startsWith("#!/usr/bin/env bash").contains("--cache-dir");
        assertThat(commands()).allSatisfy(command -> assertThat(script).contains(command));
    }

    @Test
    void help_ofTheProgram_listsCommandsAndExitCodes() {
        Program.Result result = Program.run("--help");

        assertThat(result.exitCode()).isZero();
        assertThat(result.out())
                .contains("quickstart", "bootstrap", "report", "follow", "mirror", "embedded-registry")
                .contains("0   complete", "1   partial", "2   the command line", "3   the origin");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "bootstrap --version", "quickstart --version"})
    void version_everywhere_namesProgramAndJava(String line) {
        Program.Result result = Program.run(line.split(" "));

        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).startsWith("all-docs ").contains("Java " + Runtime.version());
    }

    @ParameterizedTest
    @CsvSource({
        "bootstrap --names-onyl, --names-only",
        "bootstrap --cache-di x, --cache-dir",
        "bootstra, bootstrap",
        "embedded-registry --fault x, --faults"
    })
    void unknownWord_isRefusedWithASuggestion(String line, String meant) {
        Program.Result result = Program.run(line.split(" "));

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains("Did you mean " + meant + "?").contains("--help'");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void noCommand_isWrongUsageAndShowsTheCommands() {
        Program.Result result = Program.run();

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains("Usage: all-docs", "bootstrap", "quickstart");
    }

    @Test
    void standardOutputThatIsFull_isNoSuccess() {
        StringWriter err = new StringWriter();

        int exitCode = Main.run(Map.of(), new PrintWriter(full()), new PrintWriter(err), "--help");

        assertThat(exitCode).isEqualTo(ExitCode.PARTIAL);
        assertThat(err.toString()).contains("Error: Cannot write to standard output");
    }

    private static Writer full() {
        return new Writer() {
            @Override
            public void write(char[] text, int offset, int length) throws IOException {
                throw new IOException("No space left on device");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    @Test
    void readerThatLeaves_endsTheCommandQuietly() {
        StringWriter err = new StringWriter();
        AtomicInteger writes = new AtomicInteger();
        OutputStream pipe = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                writes.incrementAndGet();
                throw new IOException("Broken pipe");
            }
        };

        int exitCode =
                Main.run(Map.of(), Terminal.writer(pipe, StandardCharsets.UTF_8), new PrintWriter(err), "completion");

        assertThat(exitCode).isZero();
        assertThat(writes).hasValueLessThanOrEqualTo(2); // the second write flushes the rest at the end
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void unknownFault_isRefusedWithTheListOfFaults() {
        Program.Result result = Program.run("embedded-registry", "--faults", "gremlins=1");

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains("gremlins").contains("page-cap").doesNotContain("\tat ");
    }
}
