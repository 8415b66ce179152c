package io.alldocs.examples.release;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A project that uses the bundle, with an empty local repository. Maven finds all-docs in the bundle. It finds other
 * artifacts in the local repository of this build, or else on Maven Central.
 */
record Consumer(SourceTree project, Path repository, Path settings, Bundle bundle, SourceTree source) {
    private static final String MAIN = """
            import io.alldocs.cache.Cache;
            import io.alldocs.Env;
            import java.util.Map;

            public class Main {
                public static void main(String[] args) {
                    Env env = Env.of(Map.of("STORAGE_DRIVER", "filesystem", "CACHE_DIR", args[0]));
                    try (Cache cache = Cache.builder().env(env).build()) {
                        System.out.println(env.require("STORAGE_DRIVER", "this example") + " " + cache.has("v1:packument:npm:61"));
                    }
                }
            }
            """;

    static Consumer create(Path folder, SourceTree source, Bundle bundle) throws IOException {
        Path java = folder.resolve("src/main/java");
        Files.createDirectories(java);
        Files.writeString(java.resolve("Main.java"), MAIN);
        Path settings = folder.resolve("settings.xml");
        Files.writeString(
                settings,
                "<settings><profiles><profile><id>dry-run</id><repositories>"
                        + repository("repository", "bundle", bundle.folder(), "fail")
                        + repository("repository", "cached", SourceTree.localRepository(), "ignore")
                        + "</repositories><pluginRepositories>"
                        + repository("pluginRepository", "cached", SourceTree.localRepository(), "ignore")
                        + "</pluginRepositories></profile></profiles>"
                        + "<activeProfiles><activeProfile>dry-run</activeProfile></activeProfiles></settings>\n");
        return new Consumer(new SourceTree(folder), folder.resolve("repository"), settings, bundle, source);
    }

    private static String repository(String element, String id, Path folder, String checksums) {
        return "<" + element + "><id>" + id + "</id><url>" + folder.toUri() + "</url><releases><checksumPolicy>"
                + checksums + "</checksumPolicy></releases></" + element + ">";
    }

    /** Compiles with some artifacts of the bundle, and writes the class path to a file. */
    SourceTree.Build build(List<String> artifacts) throws IOException, InterruptedException {
        StringBuilder pom = new StringBuilder("<project><modelVersion>4.0.0</modelVersion>"
                + "<groupId>com.example</groupId><artifactId>consumer</artifactId><version>1</version>"
                + "<properties><maven.compiler.release>17</maven.compiler.release>"
                + "<project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>"
                + "<dependencyManagement><dependencies>"
                + dependency(
                        "all-docs-bom",
                        "<version>" + bundle.version() + "</version><type>pom</type><scope>import</scope>")
                + "</dependencies></dependencyManagement><dependencies>");
        artifacts.forEach(artifact -> pom.append(dependency(artifact, "")));
        pom.append("</dependencies><build><plugins>");
        for (String plugin : List.of("maven-compiler-plugin", "maven-resources-plugin", "maven-dependency-plugin")) {
            pom.append("<plugin><artifactId>" + plugin + "</artifactId><version>" + source.pluginVersion(plugin)
                    + "</version></plugin>");
        }
        pom.append("</plugins></build></project>\n");
        Files.writeString(project.root().resolve("pom.xml"), pom);
        return project.run(
                Map.of(),
                "mvn",
                "--batch-mode",
                "--settings",
                settings.toString(),
                "-Dmaven.repo.local=" + repository,
                "compile",
                "dependency:build-classpath",
                "-Dmdep.outputFile=class-path.txt",
                "dependency:tree",
                "-DoutputFile=tree.txt");
    }

    private static String dependency(String artifact, String rest) {
        return "<dependency><groupId>io.alldocs</groupId><artifactId>" + artifact + "</artifactId>" + rest
                + "</dependency>";
    }

    /** Returns the names of the files on the class path. */
    List<String> jars() throws IOException {
        return Stream.of(classPath().strip().split(File.pathSeparator, -1))
                .map(jar -> Path.of(jar).getFileName().toString())
                .toList();
    }

    private String classPath() throws IOException {
        return Files.readString(project.root().resolve("class-path.txt"));
    }

    /** Runs the compiled program and returns its output. */
    String run() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                project.root().resolve("target/classes") + File.pathSeparator + classPath(),
                "Main",
                project.root().resolve("cache").toString()));
        return project.run(Map.of(), command.toArray(String[]::new)).succeeds().output();
    }
}
