package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the shell script that starts the command. Most tests use a fake java that prints its arguments, and one uses
 * the real java.
 */
class LauncherTest {
    private static final Path SCRIPT = Path.of("src/main/launcher/all-docs");

    @TempDir
    Path folder;

    private Path home;
    private Path fakeJdk;

    @BeforeEach
    void installLauncher() throws IOException {
        home = Files.createDirectories(folder.resolve("a folder with blanks"));
        Files.copy(SCRIPT, home.resolve("all-docs"));
        assertThat(home.resolve("all-docs").toFile().setExecutable(true)).isTrue();
        fakeJdk = folder.resolve("jdk");
        Path java = Files.createDirectories(fakeJdk.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void launcher_withTheRealJava_runsTheCommand() throws Exception {
        writeJar();

        Run run = run(Map.of("JAVA_HOME", System.getProperty("java.home")), "--version");

        assertThat(run.output).startsWith("all-docs ").contains("Java ");
        assertThat(run.exitCode).isZero();
    }

    @Test
    void launcher_throughASymbolicLink_findsItsJar() throws Exception {
        writeJar();
        Path link = Files.createDirectories(folder.resolve("bin")).resolve("all-docs");
        Files.createSymbolicLink(link, Path.of("../a folder with blanks/all-docs"));

        Run run = runFile(link, Map.of("JAVA_HOME", fakeJdk.toString()), "list");

        assertThat(run.arguments())
                .containsSequence(
                        "-cp", home.toRealPath().resolve("all-docs.jar").toString());
    }

    @Test
    void launcher_withArguments_passesThemUnchanged() throws Exception {
        writeJar();

        Run run = run(Map.of("JAVA_HOME", fakeJdk.toString()), "list", "--prefix", "a b", "$HOME", "*");

        assertThat(run.arguments()).endsWith("io.alldocs.cli.Main", "list", "--prefix", "a b", "$HOME", "*");
    }

    @Test
    void launcher_withDriversOfTheUser_addsThemToTheClassPath() throws Exception {
        writeJar();
        Files.createDirectory(home.resolve("lib"));

        Path mine = Files.createFile(folder.resolve("my driver.jar"));
        String added = mine + ":" + folder + "/*";

        Run run = run(Map.of("JAVA_HOME", fakeJdk.toString(), "ALL_DOCS_CLASSPATH", added), "list");

        String real = home.toRealPath().toString();
        assertThat(run.arguments()).contains(real + "/all-docs.jar:" + real + "/lib/*:" + added);
    }

    @Test
    void launcher_withDriversThatDoNotExist_namesThem() throws Exception {
        writeJar();
        String wrong = folder + ":/no/such/mine.jar";

        Run run = run(Map.of("JAVA_HOME", fakeJdk.toString(), "ALL_DOCS_CLASSPATH", wrong), "list");

        assertThat(run.output)
                .isEqualTo("Error: /no/such/mine.jar in ALL_DOCS_CLASSPATH does not exist; correct or remove it.\n");
        assertThat(run.exitCode).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void launcher_byCommand_choosesOptions_thatTheUserCanOverride() throws Exception {
        writeJar();
        Map<String, String> variables = Map.of("JAVA_HOME", fakeJdk.toString(), "ALL_DOCS_JAVA_OPTS", "-Xmx2g -Da=b");

        assertThat(run(variables, "list").arguments())
                .contains("-XX:TieredStopAtLevel=1", "-Xmx2g", "-Da=b")
                .doesNotContain("-XX:+ExitOnOutOfMemoryError");
        assertThat(run(variables, "bootstrap").arguments())
                .contains("-XX:+ExitOnOutOfMemoryError", "-Djdk.http.auth.tunneling.disabledSchemes=", "-Xmx2g")
                .doesNotContain("-XX:TieredStopAtLevel=1");
    }

    @Test
    void launcher_withAnArchiveOfClasses_usesIt() throws Exception {
        writeJar();
        Files.createFile(home.resolve("all-docs.jsa"));

        Run run = run(Map.of("JAVA_HOME", fakeJdk.toString()), "list");

        assertThat(run.arguments())
                .contains("-XX:SharedArchiveFile=" + home.toRealPath().resolve("all-docs.jsa"));
    }

    @Test
    void launcher_withoutJar_saysWhatToDo() throws Exception {
        Run run = run(Map.of("JAVA_HOME", fakeJdk.toString()), "list");

        assertThat(run.output).contains("Error: ").contains("keep this launcher in one folder with all-docs.jar");
        assertThat(run.exitCode).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void launcher_withAWrongJavaHome_namesIt() throws Exception {
        writeJar();

        Run run = run(Map.of("JAVA_HOME", "/nowhere"), "list");

        assertThat(run.output).contains("JAVA_HOME is /nowhere, which has no bin/java");
        assertThat(run.exitCode).isEqualTo(ExitCode.USAGE);
    }

    /**
     * Writes a jar whose manifest names the class path of this test. The real jar does not exist yet, because it is
     * built after the tests.
     */
    private void writeJar() throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Stream.of(System.getProperty("java.class.path").split(":"))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(home.resolve("all-docs.jar")), manifest)) {
            jar.finish();
        }
    }

    private Run run(Map<String, String> variables, String... arguments) throws Exception {
        return runFile(home.resolve("all-docs"), variables, arguments);
    }

    private static Run runFile(Path launcher, Map<String, String> variables, String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of(launcher.toString()));
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().keySet().removeAll(List.of("ALL_DOCS_CLASSPATH", "ALL_DOCS_JAVA_OPTS", "JAVA_HOME"));
        builder.environment().putAll(variables);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Run(process.exitValue(), output);
    }

    private record Run(int exitCode, String output) {
        List<String> arguments() {
            return output.lines().toList();
        }
    }
}
