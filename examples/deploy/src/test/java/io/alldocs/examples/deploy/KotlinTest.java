package io.alldocs.examples.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.map;

import io.alldocs.Env;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jetbrains.kotlin.cli.common.ExitCode;
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles and runs {@code examples/kotlin}. Reads the Gradle file without running it, because Gradle is not available
 * from Maven Central.
 */
class KotlinTest {
    private static final Path EXAMPLE = Repository.ROOT.resolve("examples/kotlin");

    @Test
    @Tag("release")
    void example_compiles_andReturnsLatestVersions(@TempDir Path folder) throws Exception {
        Path classes = folder.resolve("classes");
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        ExitCode code = new K2JVMCompiler()
                .exec(
                        new PrintStream(messages, true, StandardCharsets.UTF_8),
                        EXAMPLE.resolve("src/main/kotlin").toString(),
                        "-d",
                        classes.toString(),
                        "-classpath",
                        classPath(),
                        "-no-stdlib",
                        "-no-reflect",
                        "-jvm-target",
                        "17",
                        "-Werror");
        assertThat(code).as(messages.toString(StandardCharsets.UTF_8)).isEqualTo(ExitCode.OK);

        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names("express", "express-a", "express-b", "koa")
                        .start();
                URLClassLoader loader =
                        new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            Env env = Env.of(Map.of(
                    "NPM_ORIGIN", registry.origin().toString(),
                    "NPM_REGISTRY", registry.origin().toString(),
                    "CACHE_DIR", folder.resolve("cache").toString()));
            Object versions = loader.loadClass("LatestVersionsKt")
                    .getMethod("latestVersions", Env.class, String.class, String.class)
                    .invoke(null, env, "express", "express-b");
            assertThat(versions)
                    .asInstanceOf(map(String.class, String.class))
                    .containsOnlyKeys("express", "express-a")
                    .allSatisfy((name, version) -> assertThat(version).matches("[0-9]+\\.[0-9]+\\.[0-9]+.*"));
        }
    }

    /** Returns the class path without folders that do not exist, because the compiler would warn about them. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> Files.exists(Path.of(entry)))
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void gradleFile_namesArtifactsOfTheBom_inItsVersion() throws IOException {
        String bom = Files.readString(Repository.ROOT.resolve("bom/pom.xml"));
        String version = group(bom, "\n  <version>([^<]+)</version>").get(0);
        String gradle = Files.readString(EXAMPLE.resolve("build.gradle.kts"));
        assertThat(gradle).contains("platform(\"io.alldocs:all-docs-bom:" + version + "\")");
        assertThat(group(gradle, "\\(\"io\\.alldocs:([a-z0-9-]+)\"\\)"))
                .isNotEmpty()
                .isSubsetOf(group(bom, "<artifactId>([^<]+)</artifactId>"));
    }

    private static List<String> group(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.results().map(result -> result.group(1)).toList();
    }
}
