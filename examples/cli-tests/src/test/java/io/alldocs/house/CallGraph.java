package io.alldocs.house;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * The methods of our classes, the calls of each method, and the calls that it makes while it holds a monitor. If a
 * method can be overridden, a call may reach each override in a subtype of the static type. A call of a functional
 * interface of the JDK may reach each lambda of that type in the same top-level class.
 */
final class CallGraph {
    /** A call from one of our methods. */
    record Call(String owner, String name, String descriptor, boolean isVirtual, boolean isUnderMonitor) {
        String member() {
            return name + descriptor;
        }
    }

    /** One of our methods. */
    record Method(String owner, String name, String descriptor) implements Comparable<Method> {
        @Override
        public int compareTo(Method other) {
            return (owner + name + descriptor).compareTo(other.owner + other.name + other.descriptor);
        }

        @Override
        public String toString() {
            String type = owner.substring(owner.lastIndexOf('/') + 1).replace('$', '.');
            return type + "." + name;
        }
    }

    private final Map<String, ClassNode> classes = new TreeMap<>();
    private final Map<String, Set<String>> subtypes = new HashMap<>();
    private final Map<Method, List<Call>> calls = new TreeMap<>();

    /** Lambdas and method references: by interface method, and by top-level class and interface method. */
    private final Map<String, Set<Method>> lambdas = new HashMap<>();

    private final Map<Method, Path> paths = new HashMap<>();

    /** The call path from a method to a blocking call. */
    private record Path(@Nullable Method next, String call) {}

    CallGraph(Iterable<byte[]> classFiles) {
        for (byte[] file : classFiles) {
            ClassNode type = new ClassNode();
            new ClassReader(file).accept(type, ClassReader.SKIP_DEBUG);
            classes.put(type.name, type);
        }
        classes.values().forEach(this::addSubtypes);
        for (ClassNode type : classes.values()) {
            for (MethodNode method : type.methods) {
                MethodCode code = new MethodCode(type, method);
                calls.put(new Method(type.name, method.name, method.desc), code.calls());
                code.lambdas().forEach(lambda -> {
                    lambdas.computeIfAbsent(lambda.interfaceMethod(), any -> new LinkedHashSet<>())
                            .add(lambda.target());
                    lambdas.computeIfAbsent(
                                    topLevel(type.name) + " " + lambda.interfaceMethod(), any -> new LinkedHashSet<>())
                            .add(lambda.target());
                });
            }
        }
        findPaths();
    }

    private void addSubtypes(ClassNode type) {
        Deque<String> above = new ArrayDeque<>(List.of(type.name));
        Set<String> seen = new HashSet<>();
        while (!above.isEmpty()) {
            String name = above.pop();
            if (seen.add(name)) {
                subtypes.computeIfAbsent(name, any -> new LinkedHashSet<>()).add(type.name);
                ClassNode node = classes.get(name);
                if (node != null) {
                    above.addAll(node.interfaces);
                    if (node.superName != null) {
                        above.add(node.superName);
                    }
                }
            }
        }
    }

    /**
     * Returns a call path for each method that holds a monitor around a blocking call. The path leads from the method
     * to that call.
     */
    Map<String, String> monitorsAroundBlockingCalls() {
        Map<String, String> found = new TreeMap<>();
        calls.forEach((method, all) -> {
            for (Call call : all) {
                if (call.isUnderMonitor() && !found.containsKey(method.toString())) {
                    way(method, call).ifPresent(way -> found.put(method.toString(), method + " > " + way));
                }
            }
        });
        return found;
    }

    private Optional<String> way(Method from, Call call) {
        if (BlockingCalls.contain(call.owner(), call.name())) {
            return Optional.of(shown(call));
        }
        return targets(from, call).stream()
                .filter(paths::containsKey)
                .findFirst()
                .map(this::way);
    }

    private String way(Method start) {
        List<String> steps = new ArrayList<>();
        Method at = start;
        while (at != null) {
            Path path = paths.get(at);
            steps.add(at.toString());
            if (path.next() == null) {
                steps.add(path.call());
            }
            at = path.next();
        }
        return String.join(" > ", steps);
    }

    private static String shown(Call call) {
        return call.owner().substring(call.owner().lastIndexOf('/') + 1) + "." + call.name();
    }

    /**
     * Finds the shortest call path from each method to a blocking call, if there is one. Searches backwards from the
     * blocking calls.
     */
    private void findPaths() {
        Map<Method, Set<Method>> callers = new HashMap<>();
        Deque<Method> open = new ArrayDeque<>();
        calls.forEach((method, all) -> {
            for (Call call : all) {
                if (BlockingCalls.contain(call.owner(), call.name())) {
                    if (paths.putIfAbsent(method, new Path(null, shown(call))) == null) {
                        open.add(method);
                    }
                }
                targets(method, call)
                        .forEach(target -> callers.computeIfAbsent(target, any -> new LinkedHashSet<>())
                                .add(method));
            }
        });
        while (!open.isEmpty()) {
            Method target = open.remove();
            for (Method caller : callers.getOrDefault(target, Set.of())) {
                if (paths.putIfAbsent(caller, new Path(target, "")) == null) {
                    open.add(caller);
                }
            }
        }
    }

    private Set<Method> targets(Method from, Call call) {
        Set<Method> targets = new LinkedHashSet<>();
        declared(call).ifPresent(targets::add);
        if (call.isVirtual() && !isOfObject(call)) {
            for (String subtype : subtypes.getOrDefault(call.owner(), Set.of())) {
                Method override = new Method(subtype, call.name(), call.descriptor());
                if (calls.containsKey(override)) {
                    targets.add(override);
                }
            }
            String key = call.owner() + "." + call.name();
            boolean isOurs = classes.containsKey(call.owner());
            targets.addAll(lambdas.getOrDefault(isOurs ? key : topLevel(from.owner()) + " " + key, Set.of()));
        }
        return targets;
    }

    /** Returns the method of the static type, which may be inherited from one of our types. */
    private Optional<Method> declared(Call call) {
        Deque<String> above = new ArrayDeque<>(List.of(call.owner()));
        while (!above.isEmpty()) {
            ClassNode node = classes.get(above.pop());
            if (node != null) {
                Method method = new Method(node.name, call.name(), call.descriptor());
                if (calls.containsKey(method) && !isAbstract(node, call)) {
                    return Optional.of(method);
                }
                if (node.superName != null) {
                    above.add(node.superName);
                }
                above.addAll(node.interfaces);
            }
        }
        return Optional.empty();
    }

    private static boolean isAbstract(ClassNode node, Call call) {
        return node.methods.stream()
                .anyMatch(method -> (method.name + method.desc).equals(call.member())
                        && (method.access & Opcodes.ACC_ABSTRACT) != 0);
    }

    private static boolean isOfObject(Call call) {
        return List.of("toString()Ljava/lang/String;", "hashCode()I", "equals(Ljava/lang/Object;)Z")
                .contains(call.member());
    }

    private static String topLevel(String type) {
        int nested = type.indexOf('$');
        return nested < 0 ? type : type.substring(0, nested);
    }
}
