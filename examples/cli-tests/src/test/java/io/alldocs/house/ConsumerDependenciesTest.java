package io.alldocs.house;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Checks the versions that a user's build resolves. Our parent's {@code dependencyManagement} decides versions in our
 * build only. In a user's build, Maven takes the version that the nearest pom declares. If the version of a library
 * matters to us, the nearest pom must be one of our poms.
 *
 * <p>The test reads the poms as Maven does: breadth first, in the order of declaration. It reads the poms of our
 * modules, and the poms next to the libraries on the class path.
 */
class ConsumerDependenciesTest {
    /** Families of libraries whose versions must match, and whose old versions have known faults. */
    private static final List<String> FAMILIES = List.of(
            "com.fasterxml.jackson",
            "com.github.ben-manes.caffeine",
            "io.netty",
            "io.projectreactor",
            "org.slf4j",
            "software.amazon.awssdk");

    private static final Map<String, Pom> POMS = poms();

    @Test
    void families_ofEveryModule_haveTheVersionThatWeDeclare() {
        Map<String, List<String>> foreign = new TreeMap<>();
        POMS.values().stream().filter(Pom::isOurs).forEach(module -> {
            List<String> wrong = resolve(module).stream()
                    .filter(each -> family(each.name()) != null && !each.versionIsOurs())
                    .map(each -> each.name() + " by " + each.by())
                    .toList();
            if (!wrong.isEmpty()) {
                foreign.put(module.name(), wrong);
            }
        });

        assertThat(foreign)
                .as(
                        "libraries whose version another project decides in a user's build; declare them in the module's pom")
                .isEmpty();
    }

    @Test
    void netty_ofRedisAndMirror_isTheOneWithoutKnownFaults() {
        for (String module : List.of("io.alldocs:all-docs-worker-redis", "io.alldocs:all-docs-worker-mirror")) {
            assertThat(resolve(pom(module)).stream().map(Resolved::name).filter(each -> each.startsWith("io.netty:")))
                    .as("Netty of " + module)
                    .hasSizeGreaterThan(5)
                    .allSatisfy(each -> assertThat(pom(each).version()).matches("4\\.2\\.([2-9]\\d|1\\d\\d)\\.Final"));
        }
    }

    /**
     * Returns the libraries that a build resolves if it depends on this module only. Each library occurs once, the
     * nearest first.
     */
    private static List<Resolved> resolve(Pom module) {
        List<Resolved> all = new ArrayList<>();
        Set<String> seen = new HashSet<>(Set.of(module.name()));
        Deque<Resolved> queue = new ArrayDeque<>(List.of(new Resolved(module.name(), true, "", Set.of())));
        while (!queue.isEmpty()) {
            Resolved next = queue.remove();
            Pom pom = POMS.get(next.name());
            for (Declared each : pom == null ? List.<Declared>of() : pom.dependencies()) {
                if (!POMS.containsKey(each.name()) || next.excludes(each.name()) || !seen.add(each.name())) {
                    continue; // not on the class path, because it is excluded or optional
                }
                boolean sameFamily = next.versionIsOurs()
                        && family(each.name()) != null
                        && family(each.name()).equals(family(next.name()));
                boolean ours = pom.isOurs() || sameFamily;
                Set<String> excluded = new HashSet<>(next.excluded());
                excluded.addAll(each.excluded());
                Resolved resolved = new Resolved(each.name(), ours, pom.name(), excluded);
                all.add(resolved);
                queue.add(resolved);
            }
        }
        return all;
    }

    private static String family(String name) {
        return FAMILIES.stream().filter(name::startsWith).findFirst().orElse(null);
    }

    private static Pom pom(String name) {
        assertThat(POMS).containsKey(name);
        return POMS.get(name);
    }

    /** Returns the poms of all modules and of all libraries on the class path, by {@code groupId:artifactId}. */
    private static Map<String, Pom> poms() {
        try {
            Path root = Path.of("").toAbsolutePath();
            while (!Files.exists(root.resolve("bom/pom.xml"))) {
                root = root.getParent();
            }
            Map<String, Set<String>> exclusions =
                    declared(xml(root.resolve("pom.xml")), "dependencyManagement").stream()
                            .collect(toMap(Declared::name, Declared::excluded, (one, other) -> one));
            List<Pom> all = new ArrayList<>();
            try (Stream<Path> files = Files.walk(root, 3)) {
                for (Path file : files.filter(each -> each.endsWith("pom.xml")).toList()) {
                    all.add(Pom.read(file, exclusions));
                }
            }
            for (String each : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path file = Path.of(each.replaceFirst("\\.jar$", ".pom"));
                if (each.endsWith(".jar") && Files.exists(file)) {
                    all.add(Pom.read(file, Map.of()));
                }
            }
            assertThat(all.stream().collect(groupingBy(Pom::isOurs))).hasSize(2);
            return all.stream().collect(toMap(Pom::name, Function.identity(), (one, other) -> one));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Declared> declared(Element project, String where) {
        Element parent = where.isEmpty() ? project : child(project, where);
        Element list = parent == null ? null : child(parent, "dependencies");
        List<Declared> all = new ArrayList<>();
        for (Element each : list == null ? List.<Element>of() : children(list)) {
            String scope = text(each, "scope", "compile");
            if (scope.matches("compile|runtime")
                    && text(each, "optional", "false").equals("false")) {
                Element exclusions = child(each, "exclusions");
                Set<String> excluded = new HashSet<>();
                for (Element exclusion : exclusions == null ? List.<Element>of() : children(exclusions)) {
                    excluded.add(text(exclusion, "groupId", "") + ":" + text(exclusion, "artifactId", ""));
                }
                String group = text(each, "groupId", "").replaceFirst("\\$\\{(project|pom)\\.groupId}", group(project));
                all.add(new Declared(group + ":" + text(each, "artifactId", ""), excluded));
            }
        }
        return all;
    }

    private static String group(Element project) {
        Element parent = child(project, "parent");
        return text(project, "groupId", parent == null ? "" : text(parent, "groupId", ""));
    }

    private static Element xml(Path file) throws IOException {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(file.toFile())
                    .getDocumentElement();
        } catch (Exception e) {
            throw new IOException("Cannot read " + file, e);
        }
    }

    private static Element child(Element parent, String name) {
        return children(parent).stream()
                .filter(each -> each.getTagName().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static List<Element> children(Element parent) {
        List<Element> all = new ArrayList<>();
        for (Node each = parent.getFirstChild(); each != null; each = each.getNextSibling()) {
            if (each instanceof Element element) {
                all.add(element);
            }
        }
        return all;
    }

    private static String text(Element parent, String name, String otherwise) {
        Element child = child(parent, name);
        return child == null ? otherwise : child.getTextContent().strip();
    }

    /** @param excluded exclusions as {@code groupId:artifactId}, where the artifactId may be {@code *} */
    private record Declared(String name, Set<String> excluded) {}

    /** @param by the pom that declares the version */
    private record Resolved(String name, boolean versionIsOurs, String by, Set<String> excluded) {
        boolean excludes(String other) {
            return excluded.contains(other) || excluded.contains(other.replaceFirst(":.*", ":*"));
        }
    }

    private record Pom(String name, String version, List<Declared> dependencies) {
        boolean isOurs() {
            return name.startsWith("io.alldocs:");
        }

        static Pom read(Path file, Map<String, Set<String>> managedExclusions) throws IOException {
            Element project = xml(file);
            Element parent = child(project, "parent");
            List<Declared> dependencies = new ArrayList<>();
            for (Declared each : declared(project, "")) {
                Set<String> excluded = new HashSet<>(each.excluded());
                excluded.addAll(managedExclusions.getOrDefault(each.name(), Set.of()));
                dependencies.add(new Declared(each.name(), excluded));
            }
            return new Pom(
                    group(project) + ":" + text(project, "artifactId", ""),
                    text(project, "version", parent == null ? "" : text(parent, "version", "")),
                    dependencies);
        }
    }
}
